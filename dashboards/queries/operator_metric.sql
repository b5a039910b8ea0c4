-- One row per indicator and the table, or else the feeds, that its values are computed from.
with formula as (
    select * from indicator.formula
),

measure as (
    select * from indicator.measure
),

registry as (
    select * from indicator.registry
),

value as (
    select * from indicator.value
),

value_batch as (
    select * from indicator.value_batch
),

batch as (
    select * from reference.batch
),

term as (
    select
        metric_key,
        numerator_measure as measure_key
    from formula
    union
    select
        metric_key,
        denominator_measure as measure_key
    from formula
),

computed as (
    select
        term.metric_key,
        measure.mart,
        case when measure.mart = '' then measure.feeds else '' end as feeds
    from term
    inner join measure on term.measure_key = measure.measure_key
),

printed as (
    select
        value.metric_key,
        '' as mart,
        batch.feed as feeds
    from value
    inner join value_batch on value.value_key = value_batch.value_key
    inner join batch on value_batch.batch_id = batch.batch_id
),

unioned as (
    select
        metric_key,
        mart,
        feeds
    from computed
    union
    select
        metric_key || '_growth' as metric_key,
        mart,
        feeds
    from computed
    union
    select
        metric_key,
        mart,
        feeds
    from printed
),

final as (
    select
        registry.metric_key,
        registry.name_zh,
        registry.name_en,
        unioned.mart,
        unioned.feeds
    from unioned
    inner join registry on unioned.metric_key = registry.metric_key
    order by registry.metric_key, unioned.mart, unioned.feeds
)

select * from final

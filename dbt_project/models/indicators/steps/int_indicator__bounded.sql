-- One row per metric and variant of the feeds whose ratio is of a part to its whole: never above 1.
with formula as (
    select
        metric_key,
        variant
    from {{ ref('formula') }}
    group by metric_key, variant
),

registry as (
    select * from {{ ref('registry') }}
    where unit = 'ratio'
),

above_one as (
    select * from {{ ref('above_one') }}
),

final as (
    select
        formula.metric_key,
        formula.variant,
        registry.name_zh,
        registry.name_en
    from formula
    inner join registry on formula.metric_key = registry.metric_key
    left join above_one
        on
            formula.metric_key = above_one.metric_key
            and above_one.variant in ('*', formula.variant)
    where
        above_one.metric_key is null
        -- E04: persons insured elsewhere than where they are counted
        and not contains(';' || coalesce(registry.edge_rules, '') || ';', ';E04;')
)

select * from final

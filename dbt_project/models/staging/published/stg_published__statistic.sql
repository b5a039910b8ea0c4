-- One row per printed cell of a series and delivery date, in base units, with its rounding.
with published_statistic as (
    select * from {{ source('raw', 'published_statistic') }}
),

batch as (
    select * from {{ ref('stg_published__batch') }}
),

unit as (
    select * from {{ ref('unit') }}
),

newest as (
    select
        published_statistic.*,
        batch.known_on,
        min(published_statistic.printed_value) over same_cell
        <> max(published_statistic.printed_value) over same_cell as is_contested
    from published_statistic
    inner join batch on published_statistic._batch_id = batch.batch_id
    where published_statistic.period_end <= batch.data_to
    window
        same_cell as (
            partition by
                published_statistic.series_code,
                published_statistic.source_id,
                published_statistic.region_code,
                published_statistic.scheme_code,
                published_statistic.fund_scope,
                published_statistic.indicator_code,
                published_statistic.indicator_name,
                published_statistic.period_basis,
                published_statistic.period_end,
                batch.known_on
        )
    qualify row_number() over (
        partition by
            published_statistic.series_code,
            published_statistic.source_id,
            published_statistic.region_code,
            published_statistic.scheme_code,
            published_statistic.fund_scope,
            published_statistic.indicator_code,
            published_statistic.indicator_name,
            published_statistic.period_basis,
            published_statistic.period_end,
            batch.known_on
        order by batch._ingested_at desc, batch.batch_id
    ) = 1
),

final as (
    select
        newest.series_code,
        newest.source_id,
        newest.region_code,
        newest.region_name,
        newest.scheme_code,
        newest.fund_scope,
        newest.indicator_code,
        newest.indicator_name,
        newest.period_basis,
        newest.period_start,
        newest.period_end,
        newest.printed_value,
        newest.printed_unit,
        coalesce(unit.name_zh, newest.printed_unit) as printed_unit_zh,
        coalesce(unit.base_unit, 'unknown') as unit,
        cast(
            cast(newest.printed_value as decimal(24, 6)) * cast(unit.factor as decimal(14, 4))
            as decimal(28, 10)
        ) as value,
        cast(
            0.5 * cast(unit.factor as decimal(14, 4))
            * power(10, -length(coalesce(nullif(split_part(newest.printed_value, '.', 2), ''), '')))
            as decimal(28, 10)
        ) as half_ulp,
        case
            when newest.comparator in ('>', '>=') then 'at_least'
            when newest.comparator in ('<', '<=') then 'at_most'
            when newest.comparator = 'approx' then 'approx'
            else 'none'
        end as bound,
        newest.quote,
        newest.note,
        newest.source_title,
        newest.publisher,
        newest.source_kind,
        newest.reliability,
        newest.source_url,
        newest.known_on,
        newest.is_contested,
        newest._batch_id,
        newest._row
    from newest
    left join unit on newest.printed_unit = unit.printed_unit
)

select * from final

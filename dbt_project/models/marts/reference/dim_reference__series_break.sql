-- One row per break in a series: values on both sides are not joined and not compared.
with final as (
    select
        metric_key,
        region_code,
        scheme_code,
        cast(break_date as date) as break_date,
        reason_zh,
        reason_en,
        source
    from {{ ref('series_break') }}
)

select * from final

-- One row per metric, scheme and signal band.
with final as (
    select
        metric_key,
        scheme_code,
        signal,
        cast(coalesce(lower, -1e15) as decimal(28, 10)) as lower_bound,
        cast(coalesce(upper, 1e15) as decimal(28, 10)) as upper_bound,
        meaning_zh,
        meaning_en,
        evidence,
        cast(valid_from as date) as valid_from
    from {{ ref('threshold') }}
)

select * from final

-- One row per key of indicator.value: the best source, and whether others contradict it.
with as_known as (
    select * from {{ ref('int_published__measures_as_known') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by
                metric_key, variant, region_code, scheme_code, fund_scope, period_basis, period_end,
                data_origin, report_status, known_on
            order by precedence, series_code, source_id, _batch_id, _row
        ) as rank,
        max(number) over same_key - min(number) over same_key
        > sum(half_ulp) over same_key
        or bool_or(is_contested) over same_key as is_contradicted
    from as_known
    window
        same_key as (
            partition by
                metric_key, variant, region_code, scheme_code, fund_scope, period_basis, period_end,
                data_origin, report_status, known_on
        )
),

final as (
    select
        ranked.metric_key,
        ranked.variant,
        ranked.region_code,
        ranked.scheme_code,
        ranked.fund_scope,
        ranked.period_basis,
        ranked.period_start,
        ranked.period_end,
        ranked.data_origin,
        ranked.report_status,
        ranked.known_on,
        ranked.series_code,
        ranked.number,
        ranked.half_ulp,
        ranked.bound,
        ranked.printed_value,
        ranked.printed_unit_zh,
        ranked.printed_qualifier,
        ranked.is_contradicted,
        ranked.is_broken,
        {{ value_key('ranked') }} as value_key
    from ranked
    where ranked.rank = 1
)

select * from final

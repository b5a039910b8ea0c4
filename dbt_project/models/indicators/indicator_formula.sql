-- One row per metric, variant, set of schemes and fund scope: how the feeds give its value.
with final as (
    select
        metric_key,
        variant,
        scheme_set,
        fund_scope,
        numerator_measure,
        numerator_span,
        denominator_measure,
        denominator_span,
        denominator_scope,
        denominator_divisor,
        period_bases,
        has_counties,
        is_confirmed
    from {{ ref('formula') }}
)

select * from final

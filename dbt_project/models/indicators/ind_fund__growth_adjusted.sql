-- One row per yearly growth of a fund flow that a one-off effect touches: growth without it.
with growth as (
    select {{ indicator_columns() }} from {{ ref('ind_fund__growth') }}
    union all
    select {{ indicator_columns() }} from {{ ref('ind_feed__growth') }}
),

effect as (
    select
        metric_key || '_growth' as metric_key,
        effect_year,
        scheme_code,
        sum(adjustment_yuan) as adjustment_yuan
    from {{ ref('one_off_effect') }}
    where adjustment_yuan is not null
    group by metric_key, effect_year, scheme_code
),

yearly as (
    select * from growth
    where
        variant = 'formula'
        and period_basis = 'year'
        and region_code = '460000'
        and fund_scope <> 'account'
        and data_origin <> 'synthetic'
),

adjusted as (
    select
        yearly.* exclude (variant, value, numerator, denominator),
        'adjusted' as variant,
        yearly.denominator + coalesce(past_effect.adjustment_yuan, 0) as denominator,
        yearly.numerator + coalesce(present_effect.adjustment_yuan, 0)
        - coalesce(past_effect.adjustment_yuan, 0) as numerator
    from yearly
    left join effect as present_effect
        on
            yearly.metric_key = present_effect.metric_key
            and yearly.scheme_code = present_effect.scheme_code
            and year(yearly.period_end) = present_effect.effect_year
    left join effect as past_effect
        on
            yearly.metric_key = past_effect.metric_key
            and yearly.scheme_code = past_effect.scheme_code
            and year(yearly.period_end) = past_effect.effect_year + 1
    where coalesce(present_effect.effect_year, past_effect.effect_year) is not null
),

valued as (
    select
        *,
        {{ ratio('numerator', 'denominator') }} as value
    from adjusted
    where denominator > 0
),

final as (
    {{ derived_indicator('valued') }}
)

select * from final

-- One row per printed ratio whose two terms the same series prints for the same region and date.
with cell as (
    select * from {{ ref('int_quality__cells') }}
),

ratio_identity as (
    select * from {{ ref('ratio_identity') }}
),

computed as (
    select
        ratio_identity.ratio_code,
        ratio_identity.name_zh,
        ratio_identity.name_en,
        printed.*,
        ratio_identity.factor
        * {{ ratio('numerator.value', 'denominator.value') }} as computed_value,
        printed.half_ulp
        + ratio_identity.factor * numerator.half_ulp / denominator.value
        + ratio_identity.factor * numerator.value * denominator.half_ulp
        / (denominator.value * denominator.value) as tolerance
    from ratio_identity
    inner join cell as printed on ratio_identity.ratio_indicator = printed.indicator_code
    inner join cell as numerator
        on
            ratio_identity.numerator_indicator = numerator.indicator_code
            and printed.series_code = numerator.series_code
            and printed.region_code = numerator.region_code
            and printed.scheme_code = numerator.scheme_code
            and printed.fund_scope = numerator.fund_scope
            and printed.period_basis = numerator.period_basis
            and printed.period_end = numerator.period_end
    inner join cell as denominator
        on
            ratio_identity.denominator_indicator = denominator.indicator_code
            and printed.series_code = denominator.series_code
            and printed.region_code = denominator.region_code
            and printed.scheme_code = denominator.scheme_code
            and printed.fund_scope = denominator.fund_scope
            and printed.period_basis = denominator.period_basis
            and printed.period_end = denominator.period_end
    where denominator.value <> 0
),

final as (
    select
        'ratio' as check_code,
        ratio_code as rule,
        series_code,
        region_code,
        scheme_code,
        fund_scope,
        indicator_code,
        period_basis,
        period_end,
        unit,
        cast(computed_value as decimal(28, 10)) as expected_value,
        value as found_value,
        cast(tolerance as decimal(28, 10)) as tolerance,
        name_zh as rule_zh,
        name_en as rule_en,
        _batch_id as batch_id,
        _row as record_number
    from computed
)

select * from final

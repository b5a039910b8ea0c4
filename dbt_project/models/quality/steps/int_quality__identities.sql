-- One row per identity and printed total whose parts the same series prints for the same period.
with cell as (
    select * from {{ ref('int_quality__cells') }}
),

identity as (
    select * from {{ ref('identity') }}
),

term as (
    select
        identity.identity_code,
        identity.name_zh,
        identity.name_en,
        identity.sign,
        identity.is_optional,
        total.series_code,
        total.region_code,
        total.scheme_code,
        total.fund_scope,
        total.indicator_code,
        total.period_basis,
        total.period_end,
        total.unit,
        total.value as total_value,
        total.half_ulp as total_half_ulp,
        total._batch_id,
        total._row,
        part.value as part_value,
        part.half_ulp as part_half_ulp
    from identity
    inner join cell as total
        on
            identity.total_indicator = total.indicator_code
            and identity.total_scheme in ('same', total.scheme_code)
            and identity.total_scope in ('same', total.fund_scope)
    left join cell as part
        on
            total.series_code = part.series_code
            and total.region_code = part.region_code
            and total.period_basis = part.period_basis
            and total.period_end = part.period_end
            and identity.part_indicator = part.indicator_code
            and part.scheme_code
            = case
                when identity.part_scheme = 'same' then total.scheme_code else identity.part_scheme
            end
            and part.fund_scope
            = case
                when identity.part_scope = 'same' then total.fund_scope else identity.part_scope
            end
),

final as (
    select
        'identity' as check_code,
        identity_code as rule,
        series_code,
        region_code,
        scheme_code,
        fund_scope,
        indicator_code,
        period_basis,
        period_end,
        unit,
        cast(sum(sign * part_value) as decimal(28, 10)) as expected_value,
        cast(max(total_value) as decimal(28, 10)) as found_value,
        cast(max(total_half_ulp) + sum(part_half_ulp) as decimal(28, 10)) as tolerance,
        max(name_zh) as rule_zh,
        max(name_en) as rule_en,
        max(_batch_id) as batch_id,
        max(_row) as record_number
    from term
    group by
        identity_code, series_code, region_code, scheme_code, fund_scope, indicator_code,
        period_basis, period_end, unit
    having count(*) filter (where not is_optional and part_value is null) = 0
)

select * from final

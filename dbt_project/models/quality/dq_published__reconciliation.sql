-- One row per check, rule, series, region, scheme, scope, measure and period: both sides.
with unioned as (
    select * from {{ ref('int_quality__identities') }}
    union all by name
    select * from {{ ref('int_quality__rollforwards') }}
    union all by name
    select * from {{ ref('int_quality__between_series') }}
    union all by name
    select * from {{ ref('int_quality__ratios') }}
    union all by name
    select * from {{ ref('int_statement__identities') }}
    union all by name
    select * from {{ ref('int_statement__successions') }}
    union all by name
    select * from {{ ref('int_quality__region_sums') }}
    union all by name
    select * from {{ ref('int_quality__formulas') }}
    union all by name
    select * from {{ ref('int_quality__payable_months') }}
    union all by name
    select * from {{ ref('int_quality__prints_and_feeds') }}
    union all by name
    select * from {{ ref('int_quality__ledger_and_settlements') }}
    union all by name
    select * from {{ ref('int_quality__refunds_across_years') }}
),

reconciliation_check as (
    select * from {{ ref('reconciliation_check') }}
),

final as (
    select
        unioned.check_code,
        unioned.rule,
        unioned.series_code,
        unioned.region_code,
        unioned.scheme_code,
        unioned.fund_scope,
        unioned.indicator_code,
        unioned.period_basis,
        unioned.period_end,
        unioned.unit,
        unioned.printed_unit,
        unioned.expected_value,
        unioned.found_value,
        unioned.found_qualifier,
        cast(unioned.expected_value - unioned.found_value as decimal(28, 10)) as difference,
        unioned.tolerance,
        abs(unioned.expected_value - unioned.found_value) <= unioned.tolerance as is_met,
        reconciliation_check.severity,
        unioned.rule_zh,
        unioned.rule_en,
        unioned.batch_id,
        unioned.record_number,
        coalesce(unioned.cell, '第 ' || unioned.record_number || ' 条记录') as cell
    from unioned
    inner join reconciliation_check on unioned.check_code = reconciliation_check.check_code
    where unioned.expected_value is not null and unioned.found_value is not null
)

select * from final

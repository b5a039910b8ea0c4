-- One row per printed closing balance whose opening and flows the same series prints.
with cell as (
    select * from {{ ref('int_quality__cells') }}
),

closing as (
    select * from cell
    where indicator_code = 'fund_cumulative_balance' and period_basis = 'point'
),

flow as (
    select
        series_code,
        region_code,
        scheme_code,
        fund_scope,
        period_start,
        period_end,
        max(value) filter (where indicator_code = 'fund_current_balance') as printed_current,
        max(half_ulp) filter (where indicator_code = 'fund_current_balance') as printed_half_ulp,
        max(value) filter (where indicator_code = 'fund_income') as income,
        max(value) filter (where indicator_code = 'fund_expenditure') as expense,
        sum(half_ulp) filter (where indicator_code in ('fund_income', 'fund_expenditure'))
            as flow_half_ulp
    from cell
    where period_basis = 'year'
    group by all
),

final as (
    select
        'rollforward' as check_code,
        'rollforward' as rule,
        closing.series_code,
        closing.region_code,
        closing.scheme_code,
        closing.fund_scope,
        closing.indicator_code,
        closing.period_basis,
        closing.period_end,
        closing.unit,
        cast(
            opening.value
            + coalesce(flow.printed_current, flow.income - flow.expense) as decimal(28, 10)
        ) as expected_value,
        closing.value as found_value,
        cast(
            opening.half_ulp
            + closing.half_ulp
            + coalesce(flow.printed_half_ulp, flow.flow_half_ulp)
            as decimal(28, 10)
        ) as tolerance,
        '上年期末＋当期结余＝本年期末' as rule_zh,
        'Last closing + current balance = closing' as rule_en,
        closing._batch_id as batch_id,
        closing._row as record_number
    from closing
    inner join flow
        on
            closing.series_code = flow.series_code
            and closing.region_code = flow.region_code
            and closing.scheme_code = flow.scheme_code
            and closing.fund_scope = flow.fund_scope
            and closing.period_end = flow.period_end
    inner join closing as opening
        on
            closing.series_code = opening.series_code
            and closing.region_code = opening.region_code
            and closing.scheme_code = opening.scheme_code
            and closing.fund_scope = opening.fund_scope
            and flow.period_start = opening.period_end + 1
    where coalesce(flow.printed_current, flow.income - flow.expense) is not null
)

select * from final

-- One row per printed balance that an earlier statement lets expect: carried on or opened with.
with actual as (
    select * from {{ ref('int_statement__actuals') }}
),

closing as (
    select * from actual
    where item = 'closing_balance' and basis_kind = 'point'
),

flow as (
    select
        template,
        region_code,
        scheme_code,
        fund_scope,
        basis_kind,
        period_end,
        max(value) filter (where item = 'income')
        - max(value) filter (where item = 'expenditure') as net_value,
        max(half_ulp) filter (where item = 'income')
        + max(half_ulp) filter (where item = 'expenditure') as net_half_ulp
    from actual
    where item in ('income', 'expenditure') and basis_kind in ('cumulated', 'month')
    group by all
),

preceded as (
    select
        closing.*,
        past.value as past_value,
        past.half_ulp as past_half_ulp,
        past.period_end as past_end
    from closing
    inner join closing as past
        on {{ same_printed_series('closing', 'past') }} and closing.period_end > past.period_end
    qualify row_number() over (
        partition by closing.statement_code, closing.sheet, closing.cell
        order by past.period_end desc
    ) = 1
),

carried as (
    select
        preceded.*,
        preceded.past_value
        + coalesce(
            present.net_value
            - case when month(preceded.past_end) = 12 then 0 else past.net_value end,
            month_flow.net_value
        ) as expected_value,
        preceded.half_ulp
        + preceded.past_half_ulp
        + coalesce(
            present.net_half_ulp
            + case when month(preceded.past_end) = 12 then 0 else past.net_half_ulp end,
            month_flow.net_half_ulp
        ) as tolerance,
        'balance_carried_on' as rule
    from preceded
    left join flow as present
        on
            {{ same_printed_series('preceded', 'present') }}
            and preceded.period_end = present.period_end
            and present.basis_kind = 'cumulated'
            and year(preceded.period_end) = year(preceded.past_end + 1)
    left join flow as past
        on
            {{ same_printed_series('preceded', 'past') }}
            and preceded.past_end = past.period_end
            and past.basis_kind = 'cumulated'
    left join flow as month_flow
        on
            {{ same_printed_series('preceded', 'month_flow') }}
            and preceded.period_end = month_flow.period_end
            and month_flow.basis_kind = 'month'
            and preceded.past_end + 1 = date_trunc('month', preceded.period_end)
),

opened as (
    select
        opening.*,
        closing.value as past_value,
        closing.half_ulp as past_half_ulp,
        closing.period_end as past_end,
        closing.value as expected_value,
        opening.half_ulp + closing.half_ulp as tolerance,
        'opening_is_last_closing' as rule
    from actual as opening
    inner join closing
        on
            {{ same_printed_series('opening', 'closing') }}
            and closing.period_end = make_date(year(opening.period_end) - 1, 12, 31)
    where opening.item = 'opening_balance' and opening.basis_kind = 'cumulated'
),

final as (
    select * from carried
    where expected_value is not null
    union all by name
    select * from opened
)

select * from final

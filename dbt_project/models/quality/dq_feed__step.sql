-- One row per step from settlement to ledger, scheme and month: both sides and their difference.
with side as (
    select * from {{ ref('int_quality__step_settlements') }}
    union all
    select * from {{ ref('int_quality__step_payments') }}
),

step as (
    select * from {{ ref('reconciliation_step') }}
),

calendar as (
    select * from {{ ref('int_calendar__months') }}
),

paired as (
    select
        side.step_number,
        side.scheme_code,
        side.month_end,
        side.data_origin,
        max(case when side.side = 'left' then side.cases_cnt end) as left_cnt,
        max(case when side.side = 'right' then side.cases_cnt end) as right_cnt,
        max(case when side.side = 'left' then side.amount_yuan end) as left_yuan,
        max(case when side.side = 'right' then side.amount_yuan end) as right_yuan,
        max(side.known_on) as known_on
    from side
    inner join calendar
        on side.month_end = calendar.month_end and side.data_origin = calendar.data_origin
    group by side.step_number, side.scheme_code, side.month_end, side.data_origin
),

final as (
    select
        cast(paired.step_number as integer) as step_number,
        paired.scheme_code,
        paired.month_end,
        paired.data_origin,
        step.left_feed,
        step.right_feed,
        step.name_zh,
        step.name_en,
        paired.left_cnt,
        paired.right_cnt,
        paired.left_cnt - paired.right_cnt as difference_cnt,
        cast(paired.left_yuan as decimal(24, 2)) as left_yuan,
        cast(paired.right_yuan as decimal(24, 2)) as right_yuan,
        cast(paired.left_yuan - paired.right_yuan as decimal(24, 2)) as difference_yuan,
        {{ ratio('paired.left_yuan - paired.right_yuan', 'paired.left_yuan') }} as difference_rate,
        step.tolerance_rate,
        abs(paired.left_yuan - paired.right_yuan) <= step.tolerance_rate * abs(paired.left_yuan)
            as is_met,
        step.reason_zh,
        step.reason_en,
        paired.known_on
    from paired
    inner join step on paired.step_number = step.step_number
)

select * from final

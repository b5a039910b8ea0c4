-- One row per period (basis and last day) and month in it, of periods the feeds cover in full.
with calendar as (
    select * from {{ ref('int_calendar__months') }}
),

period as (
    select
        'month' as period_basis,
        month_start as period_start,
        month_end as period_end
    from calendar
    union all
    select
        'quarter' as period_basis,
        cast(date_trunc('quarter', month_start) as date) as period_start,
        month_end as period_end
    from calendar
    where month(month_end) in (3, 6, 9, 12)
    union all
    select
        'ytd' as period_basis,
        cast(date_trunc('year', month_start) as date) as period_start,
        month_end as period_end
    from calendar
    where month(month_end) < 12
    union all
    select
        'year' as period_basis,
        cast(date_trunc('year', month_start) as date) as period_start,
        month_end as period_end
    from calendar
    where month(month_end) = 12
    union all
    select
        't12' as period_basis,
        cast(month_start - interval 11 month as date) as period_start,
        month_end as period_end
    from calendar
),

spanned as (
    select
        period.period_basis,
        period.period_start,
        period.period_end,
        calendar.month_start,
        calendar.month_end,
        calendar.data_origin,
        count(*) over (partition by period.period_basis, period.period_end) as months_covered,
        date_diff('month', period.period_start, period.period_end) + 1 as months_needed
    from period
    inner join calendar
        on calendar.month_start between period.period_start and period.period_end
),

final as (
    select
        period_basis,
        period_start,
        period_end,
        month_start,
        month_end,
        data_origin,
        months_needed
    from spanned
    where months_covered = months_needed
)

select * from final

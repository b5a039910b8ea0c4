-- One row per region, scheme and first month paid for: contributions due, paid and still owed.
with contribution as (
    select * from {{ ref('int_enrolment__contributions') }}
    where scheme_code in ('employee', 'resident') and region_code is not null
),

-- a feed of receipts says nothing of what was due: a few unpaid rows do not make it a list of dues
stated as (
    select
        contribution.scheme_code,
        contribution.data_origin,
        substr(contribution.first_month_code, 1, 4) as due_year,
        sum(case when contribution.is_paid then 0 else 1 end)
        >= count(*) * max(parameter.value) and not bool_and(contribution.is_paid) as is_due_stated
    from contribution
    inner join {{ ref('benefit_parameter') }} as parameter
        on parameter.parameter_key = 'due_list_share'
    group by
        contribution.scheme_code,
        contribution.data_origin,
        substr(contribution.first_month_code, 1, 4)
),

by_month as (
    select
        region_code,
        scheme_code,
        first_month_code,
        last_day(make_date(
            cast(substr(first_month_code, 1, 4) as integer),
            cast(substr(first_month_code, 5, 2) as integer),
            1
        )) as month_end,
        data_origin,
        sum(amount_yuan) as due_yuan,
        sum(case when is_paid then amount_yuan else 0 end) as paid_yuan,
        count(distinct psn_key) as due_persons,
        count(distinct case when is_paid then psn_key end) as paid_persons,
        count(distinct case when not is_paid then psn_key end) as owing_persons,
        max(known_on) as known_on
    from contribution
    group by region_code, scheme_code, first_month_code, data_origin
),

final as (
    select
        by_month.region_code,
        by_month.scheme_code,
        by_month.month_end,
        by_month.data_origin,
        cast(by_month.due_yuan as decimal(24, 2)) as due_yuan,
        cast(by_month.paid_yuan as decimal(24, 2)) as paid_yuan,
        cast(by_month.due_yuan - by_month.paid_yuan as decimal(24, 2)) as owed_yuan,
        by_month.due_persons,
        by_month.paid_persons,
        by_month.owing_persons,
        stated.is_due_stated,
        by_month.known_on
    from by_month
    inner join stated
        on
            by_month.scheme_code = stated.scheme_code
            and by_month.data_origin = stated.data_origin
            and substr(by_month.first_month_code, 1, 4) = stated.due_year
)

select * from final

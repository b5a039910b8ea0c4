-- One row per region, fund, kind of subject and month with a ledger: executed since January.
with ledger as (
    select * from {{ ref('fct_fund__ledger') }}
),

-- a region whose ledger of a month is there has spent nothing under what it does not list
reported as (
    select
        region_code,
        month_end,
        data_origin,
        max(known_on) as known_on
    from ledger
    group by region_code, month_end, data_origin
),

account as (
    select
        region_code,
        fund_code,
        subject_kind,
        data_origin
    from ledger
    union
    select
        budget.region_code,
        budget.fund_code,
        code.maps_to as subject_kind,
        budget.data_origin
    from {{ ref('int_fund__budgets_in_force') }} as budget
    inner join {{ ref('feed_code') }} as code
        on budget.subject_code = code.code and code.code_set = 'ledger_subject'
),

booked as (
    select
        region_code,
        fund_code,
        subject_kind,
        month_end,
        data_origin,
        sum(amount_yuan) as amount_yuan
    from ledger
    group by region_code, fund_code, subject_kind, month_end, data_origin
),

final as (
    select
        account.*,
        reported.month_end,
        reported.known_on,
        sum(coalesce(booked.amount_yuan, 0)) over so_far as ytd_yuan,
        case
            when max(month(reported.month_end)) over whole_year = 12
                then sum(coalesce(booked.amount_yuan, 0)) over whole_year
        end as year_yuan
    from account
    inner join reported
        on
            account.region_code = reported.region_code
            and account.data_origin = reported.data_origin
    left join booked
        on
            account.region_code = booked.region_code
            and account.fund_code = booked.fund_code
            and account.subject_kind = booked.subject_kind
            and account.data_origin = booked.data_origin
            and reported.month_end = booked.month_end
    window
        so_far as (
            partition by
                account.region_code, account.fund_code, account.subject_kind,
                account.data_origin, year(reported.month_end)
            order by reported.month_end
            rows between unbounded preceding and current row
        ),
        whole_year as (
            partition by
                account.region_code, account.fund_code, account.subject_kind,
                account.data_origin, year(reported.month_end)
        )
)

select * from final

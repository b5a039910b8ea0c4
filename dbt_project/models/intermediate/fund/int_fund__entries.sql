-- One row per region, fund, subject and month: the entry of the best report, with scheme and scope.
with entry as (
    select * from {{ ref('stg_platform__ledger_entry') }}
),

code as (
    select * from {{ ref('feed_code') }}
),

build as (
    select max(data_to) as data_to from {{ ref('stg_published__batch') }}
),

final as (
    select
        entry.*,
        case
            when entry.fund_code in ('employee_pool', 'employee_account') then 'employee'
            when entry.fund_code = 'resident' then 'resident'
            else 'other'
        end as scheme_code,
        case when entry.fund_code = 'employee_account' then 'account' else 'pool' end as fund_scope,
        subject.maps_to as subject_kind
    from entry
    cross join build
    left join code as subject
        on entry.subject_code = subject.code and subject.code_set = 'ledger_subject'
    where last_day(entry.account_month) <= build.data_to
    qualify entry.version_rank = min(entry.version_rank) over (
        partition by entry.region_code, entry.fund_code, entry.account_month
    )
)

select * from final

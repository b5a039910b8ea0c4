-- One row per measure of single subjects of the ledger, region, scheme and month; nil included.
with account as (
    select
        region_code,
        case fund_code when 'resident' then 'resident' else 'employee' end as scheme_code,
        month_end,
        data_origin,
        max(report_status) as report_status,
        max(known_on) as known_on
    from {{ ref('fct_fund__month') }}
    where fund_code in ('employee_pool', 'resident')
    group by
        region_code,
        case fund_code when 'resident' then 'resident' else 'employee' end,
        month_end,
        data_origin
),

subject as (
    select
        region_code,
        case fund_code when 'resident' then 'resident' else 'employee' end as scheme_code,
        month_end,
        data_origin,
        sum(
            case
                when subject_code = 'expenditure_maternity_allowance' then amount_yuan else 0
            end
        ) as maternity_allowance,
        sum(
            case
                when subject_code = 'expenditure_serious_illness_premium' then amount_yuan else 0
            end
        ) as serious_illness_premium,
        max(known_on) as known_on
    from {{ ref('fct_fund__ledger') }}
    where
        fund_code in ('employee_pool', 'maternity', 'resident')
        and subject_code in (
            'expenditure_maternity_allowance', 'expenditure_serious_illness_premium'
        )
    group by
        region_code,
        case fund_code when 'resident' then 'resident' else 'employee' end,
        month_end,
        data_origin
),

wide as (
    select
        account.region_code,
        account.scheme_code,
        'all' as fund_scope,
        account.month_end,
        account.data_origin,
        account.report_status,
        coalesce(subject.maternity_allowance, 0) as maternity_allowance,
        coalesce(subject.serious_illness_premium, 0) as serious_illness_premium,
        greatest(account.known_on, coalesce(subject.known_on, account.known_on)) as known_on
    from account
    left join subject
        on
            account.region_code = subject.region_code
            and account.scheme_code = subject.scheme_code
            and account.month_end = subject.month_end
            and account.data_origin = subject.data_origin
),

final as (
    {{ measure_rows('wide', ['maternity_allowance', 'serious_illness_premium']) }}
)

select * from final

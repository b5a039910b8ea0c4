-- One row per measure, region, scheme, scope and month: counties, the province, and both schemes.
with unioned as (
    {% for part in summed_measures() -%}
        select
            *,
            month_end as basis_date,
            {{ part in ['fund', 'budget', 'ledger'] }} as is_by_account,
            true as is_summed
        from {{ ref('msr_' ~ part) }}
        union all
    {% endfor -%}
    select
        * exclude (basis_date),
        basis_date,
        false as is_by_account,
        false as is_summed
    from {{ ref('msr_population') }}
),

counted as (
    {% for part in ready_measures() -%}
        select
            *,
            {{ 12 if part in yearly_measures() else 1 }} as coverage
        from {{ ref('msr_' ~ part) }}
        {{ "union all" if not loop.last }}
    {% endfor -%}
),

covered as (
    select unioned.* from unioned
    inner join {{ ref('int_calendar__months') }} as calendar
        on unioned.month_end = calendar.month_end
    where unioned.number is not null
),

placed as (
    select * from covered
    where region_code <> '460000'
    union all
    select * replace ('460000' as region_code) from covered
    where is_summed or region_code = '460000'
),

summed as (
    select
        measure_key,
        region_code,
        case when grouping(scheme_code) = 1 then 'all' else scheme_code end as scheme_code,
        fund_scope,
        month_end,
        data_origin,
        max(report_status) as report_status,
        cast(sum(number) as decimal(38, 10)) as number,
        min(basis_date) as basis_date,
        max(known_on) as known_on,
        bool_or(is_by_account) as is_by_account,
        count(*) as accounts
    from placed
    group by
        measure_key,
        region_code,
        fund_scope,
        month_end,
        data_origin,
        grouping sets ((scheme_code), ())
    having not (grouping(scheme_code) = 0 and min(scheme_code) = 'all')
),

final as (
    select
        measure_key,
        region_code,
        scheme_code,
        fund_scope,
        month_end,
        data_origin,
        report_status,
        number,
        basis_date,
        known_on,
        case
            when is_by_account
                then
                    {{
                        ratio(
                            'accounts',
                            'max(accounts) over (partition by measure_key, region_code,'
                            ~ ' scheme_code, fund_scope, data_origin order by month_end'
                            ~ ' rows between unbounded preceding and current row)',
                        )
                    }}
            else 1
        end as coverage
    from summed
    union all
    select
        counted.measure_key,
        counted.region_code,
        counted.scheme_code,
        counted.fund_scope,
        counted.month_end,
        counted.data_origin,
        counted.report_status,
        counted.number,
        counted.month_end as basis_date,
        counted.known_on,
        counted.coverage
    from counted
    inner join {{ ref('int_calendar__months') }} as calendar
        on counted.month_end = calendar.month_end
    where counted.number is not null
)

select * from final

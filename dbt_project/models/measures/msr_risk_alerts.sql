-- One row per measure of delivered warnings, region, scheme and month of the warning.
with delivered as (
    select
        *,
        {{ days_between('cast(pushed_at as date)', 'cast(verified_at as date)') }} as answer_days
    from {{ ref('stg_platform__poverty_risk') }}
),

warning as (
    select
        coalesce(person_key.psn_key, warning.psn_no) as psn_key,
        warning.warning_month,
        max(case when warning.verified_at is null then 0 else 1 end) as is_verified,
        max(case when warning.result_name = '纳入救助' then 1 else 0 end) as is_rescued,
        min(case when warning.answer_days >= 0 then warning.answer_days end) as response_days,
        max(warning.known_on) as known_on
    from delivered as warning
    left join {{ ref('stg_platform__person_key') }} as person_key
        on warning.psn_no = person_key.psn_no
    group by coalesce(person_key.psn_key, warning.psn_no), warning.warning_month
),

segment as (
    select * from {{ ref('int_enrolment__segments') }}
),

wide as (
    select
        segment.region_code,
        segment.scheme_code,
        'all' as fund_scope,
        last_day(warning.warning_month) as month_end,
        segment.data_origin,
        'preliminary' as report_status,
        count(*) as risk_alerts,
        sum(warning.is_verified) as risk_verified,
        sum(warning.is_rescued) as risk_rescued,
        sum(case when warning.response_days is null then 0 else 1 end) as risk_answered,
        sum(coalesce(warning.response_days, 0)) as risk_answer_days,
        max(warning.known_on) as known_on
    from warning
    inner join segment
        on
            warning.psn_key = segment.psn_key
            and warning.warning_month >= segment.first_month
            and warning.warning_month < segment.after_month
    group by
        segment.region_code,
        segment.scheme_code,
        last_day(warning.warning_month),
        segment.data_origin
),

final as (
    {{
        measure_rows(
            'wide',
            ['risk_alerts', 'risk_verified', 'risk_rescued', 'risk_answered', 'risk_answer_days']
        )
    }}
)

select * from final

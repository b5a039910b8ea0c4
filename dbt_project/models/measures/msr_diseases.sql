-- One row per month: diseases for which some certificate is in force, in the province.
with certificate as (
    select * from {{ ref('stg_platform__chronic_certificate') }}
    where certificate_kind <> 'two_disease'
),

calendar as (
    select * from {{ ref('int_calendar__months') }}
),

stretch as (
    select
        disease_code,
        begin_date,
        end_date,
        max(known_on) as known_on
    from certificate
    group by disease_code, begin_date, end_date
),

wide as (
    select
        '460000' as region_code,
        'all' as scheme_code,
        'all' as fund_scope,
        calendar.month_end,
        calendar.data_origin,
        'preliminary' as report_status,
        count(distinct stretch.disease_code) as certified_diseases,
        max(stretch.known_on) as known_on
    from calendar
    inner join stretch
        on
            calendar.month_end >= stretch.begin_date
            and calendar.month_end <= stretch.end_date
    where calendar.month_end <= {{ last_known('chronic_certificate') }}
    group by calendar.month_end, calendar.data_origin
),

final as (
    {{ measure_rows('wide', ['certified_diseases']) }}
)

select * from final

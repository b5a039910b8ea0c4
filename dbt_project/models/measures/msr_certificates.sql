-- One row per measure of certificates, region, scheme and month: insured persons with one in force.
with certified as (
    select * from {{ ref('int_benefit__certified') }}
    where certificate_kind = 'opsp'
),

segment as (
    select * from {{ ref('int_enrolment__segments') }}
),

calendar as (
    select * from {{ ref('int_calendar__months') }}
),

insured as (
    select
        segment.region_code,
        segment.scheme_code,
        segment.data_origin,
        greatest(certified.first_month, segment.first_month) as from_month,
        least(certified.after_month, segment.after_month) as before_month,
        greatest(certified.known_on, segment.known_on) as known_on
    from certified
    inner join segment
        on
            certified.psn_key = segment.psn_key
            and certified.first_month < segment.after_month
            and segment.first_month < certified.after_month
),

change as (
    select
        region_code,
        scheme_code,
        data_origin,
        from_month as change_month,
        count(*) as persons,
        max(known_on) as known_on
    from insured
    group by region_code, scheme_code, data_origin, from_month
    union all
    select
        region_code,
        scheme_code,
        data_origin,
        before_month as change_month,
        -count(*) as persons,
        max(known_on) as known_on
    from insured
    group by region_code, scheme_code, data_origin, before_month
),

wide as (
    select
        change.region_code,
        change.scheme_code,
        'all' as fund_scope,
        calendar.month_end,
        change.data_origin,
        'preliminary' as report_status,
        sum(change.persons) as certified_persons,
        max(change.known_on) as known_on
    from change
    inner join calendar on change.change_month <= calendar.month_start
    where calendar.month_end <= {{ last_known('chronic_certificate') }}
    group by change.region_code, change.scheme_code, calendar.month_end, change.data_origin
),

final as (
    {{ measure_rows('wide', ['certified_persons']) }}
)

select * from final

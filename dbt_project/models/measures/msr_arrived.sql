-- One row per kind of event and month that its feeds have reported of, whatever they had to report.
with settled as (
    select
        month_end,
        data_origin,
        max(known_on) as known_on
    from {{ ref('fct_benefit__month') }}
    group by month_end, data_origin
),

paid as (
    select
        month_end,
        data_origin,
        max(known_on) as known_on
    from {{ ref('fct_enrolment__paid') }}
    group by month_end, data_origin
),

listed as (
    select
        month_end,
        data_origin,
        max(known_on) as known_on
    from {{ ref('fct_enrolment__key_group') }}
    group by month_end, data_origin
),

at_risk as (
    select
        month_end,
        data_origin,
        max(known_on) as known_on
    from {{ ref('fct_protection__risk_month') }}
    group by month_end, data_origin
),

warned as (
    select
        last_day(warning_month) as month_end,
        data_origin,
        max(known_on) as known_on
    from {{ ref('stg_platform__poverty_risk') }}
    group by last_day(warning_month), data_origin
),

aided as (
    select
        calendar.month_end,
        calendar.data_origin,
        max(aid.known_on) as known_on
    from {{ ref('int_calendar__months') }} as calendar
    inner join {{ ref('int_enrolment__aids') }} as aid
        on
            year(calendar.month_end) = aid.benefit_year
            and calendar.data_origin = aid.data_origin
    where calendar.month_end <= {{ last_known('contribution') }}
    group by calendar.month_end, calendar.data_origin
),

certified as (
    select
        month_end,
        data_origin,
        {{ last_known('chronic_certificate') }} as known_on
    from {{ ref('int_calendar__months') }}
    where month_end <= {{ last_known('chronic_certificate') }}
),

final as (
    {% for kind in ['settled', 'paid', 'listed', 'at_risk', 'warned', 'aided', 'certified'] -%}
        select
            '{{ kind }}' as event_kind,
            month_end,
            data_origin,
            known_on
        from {{ kind }}
        {{ "union all" if not loop.last }}
    {% endfor -%}
)

select * from final

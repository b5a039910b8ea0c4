-- One row per year: the standards of what a resident and the government pay for a resident.
with parameter as (
    select * from {{ ref('stg_platform__parameter') }}
    where parameter_code in ('resident_individual_contribution', 'resident_gov_subsidy')
),

calendar as (
    select
        year(month_end) as standard_year,
        data_origin
    from {{ ref('int_calendar__months') }}
    group by year(month_end), data_origin
),

in_force as (
    select
        calendar.standard_year,
        parameter.*
    from calendar
    inner join parameter
        on
            calendar.data_origin = parameter.data_origin
            and parameter.valid_from_date <= make_date(calendar.standard_year, 12, 31)
            and parameter.valid_to_date >= make_date(calendar.standard_year, 1, 1)
    qualify row_number() over (
        partition by calendar.standard_year, parameter.parameter_code, parameter.data_origin
        order by parameter.valid_from_date desc, parameter.known_on desc, parameter.period_text
    ) = 1
),

wide as (
    select
        standard_year,
        data_origin,
        max(case when parameter_code = 'resident_individual_contribution' then number end)
            as individual_yuan,
        max(case when parameter_code = 'resident_gov_subsidy' then number end) as subsidy_yuan,
        max(known_on) as known_on
    from in_force
    group by standard_year, data_origin
),

final as (
    select
        cast(standard_year as integer) as standard_year,
        data_origin,
        cast(individual_yuan as decimal(24, 2)) as individual_yuan,
        cast(subsidy_yuan as decimal(24, 2)) as subsidy_yuan,
        {{ ratio('individual_yuan', 'individual_yuan + subsidy_yuan') }} as individual_share_rate,
        {{ ratio('individual_yuan', 'subsidy_yuan') }} as individual_to_subsidy_rate,
        known_on
    from wide
)

select * from final

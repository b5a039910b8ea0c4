-- One row per measure of subsidies, prepayments, gaps and scores, region, scheme and month.
with subsidy as (
    select * from {{ ref('fct_fund__subsidy') }}
),

prepaid as (
    select * from {{ ref('fct_fund__prepaid') }}
    where scheme_code in ('employee', 'resident')
),

county_gap as (
    select * from {{ ref('fct_fund__county_gap') }}
),

assessment as (
    select * from {{ ref('fct_fund__assessment') }}
),

standard as (
    select * from {{ ref('fct_fund__standard') }}
),

calendar as (
    select * from {{ ref('int_calendar__months') }}
),

by_level as (
    select
        region_code,
        scheme_code,
        'pool' as fund_scope,
        month_end,
        data_origin,
        'preliminary' as report_status,
        {% for key, parts in subsidy_measures().items() -%}
            case when level_code = '{{ parts[1] }}' then {{ parts[0] }} end as {{ key }},
        {% endfor -%}
        known_on
    from subsidy
),

prepaid_dated as (
    select
        '460000' as region_code,
        scheme_code,
        fund_scope,
        month_end,
        data_origin,
        'preliminary' as report_status,
        prepaid_yuan as prepaid,
        to_24_months_yuan + over_24_months_yuan as prepaid_over_12,
        over_24_months_yuan as prepaid_over_24,
        known_on
    from prepaid
),

gap_dated as (
    select
        region_code,
        scheme_code,
        'pool' as fund_scope,
        month_end,
        data_origin,
        'preliminary' as report_status,
        gap_yuan as county_gap,
        county_part_yuan as county_gap_part,
        known_on
    from county_gap
),

assessment_dated as (
    select
        assessment.region_code,
        'all' as scheme_code,
        'all' as fund_scope,
        calendar.month_end,
        assessment.data_origin,
        'final' as report_status,
        sum(assessment.weight) as assessment_weight_all,
        sum(assessment.weight * cast(not assessment.is_missing as integer)) as assessment_weight,
        sum(coalesce(assessment.weight * assessment.score, 0)) as assessment_points,
        max(assessment.known_on) as known_on
    from assessment
    inner join calendar on assessment.assessment_year = year(calendar.month_end)
    group by assessment.region_code, calendar.month_end, assessment.data_origin
),

standard_dated as (
    select
        '460000' as region_code,
        'resident' as scheme_code,
        'all' as fund_scope,
        calendar.month_end,
        standard.data_origin,
        'final' as report_status,
        standard.individual_yuan as standard_individual,
        standard.subsidy_yuan as standard_subsidy,
        standard.known_on
    from standard
    inner join calendar on standard.standard_year = year(calendar.month_end)
),

final as (
    {{ measure_rows('by_level', subsidy_measures().keys()) }}
    union all
    {{ measure_rows('prepaid_dated', ['prepaid', 'prepaid_over_12', 'prepaid_over_24']) }}
    union all
    {{ measure_rows('gap_dated', ['county_gap', 'county_gap_part']) }}
    union all
    {{
        measure_rows(
            'assessment_dated', ['assessment_weight_all', 'assessment_weight', 'assessment_points']
        )
    }}
    union all
    {{ measure_rows('standard_dated', ['standard_individual', 'standard_subsidy']) }}
)

select * from final
where number is not null

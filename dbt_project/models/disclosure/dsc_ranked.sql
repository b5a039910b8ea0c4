-- One row per percentile of the feeds that has enough persons below and above it.
with period as (
    select * from {{ ref('ind_feed__period') }}
),

formula as (
    select * from {{ ref('formula') }}
),

rule as (
    select * from {{ ref('dsc_rules') }}
    where is_ranked and is_main and starts_with(measure_key, 'ip_person_p')
),

stay as (
    select * from {{ ref('int_benefit__stays') }}
),

span as (
    select * from {{ ref('int_calendar__spans') }}
),

percentile as (
    select
        period.value_key,
        period.data_origin,
        period.region_code,
        period.scheme_code,
        period.period_basis,
        period.period_end,
        period.value,
        rule.least_count
    from period
    inner join formula
        on
            period.metric_key = formula.metric_key
            and period.variant = formula.variant
            and period.fund_scope = formula.fund_scope
            and formula.scheme_set in ('each_all', period.scheme_code)
    inner join rule on formula.numerator_measure = rule.measure_key
    where formula.denominator_measure is null
),

sided as (
    select
        percentile.value_key,
        percentile.least_count,
        count(distinct case when stay.person_yuan < percentile.value then stay.psn_no end)
            as persons_below,
        count(distinct case when stay.person_yuan > percentile.value then stay.psn_no end)
            as persons_above
    from percentile
    inner join span
        on
            percentile.period_basis = span.period_basis
            and percentile.period_end = span.period_end
    inner join stay
        on
            span.month_start = stay.month_start
            and percentile.data_origin = stay.data_origin
            and percentile.region_code in ('460000', stay.region_code)
            and percentile.scheme_code in ('all', stay.scheme_code)
    group by percentile.value_key, percentile.least_count
),

final as (
    select
        value_key,
        cast(persons_below as bigint) as persons_below,
        cast(persons_above as bigint) as persons_above
    from sided
    where least(persons_below, persons_above) >= least_count
)

select * from final

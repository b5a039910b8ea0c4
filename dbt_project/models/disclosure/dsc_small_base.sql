-- One row per ratio of the feeds whose denominator counts fewer than 30 persons or visits (E10).
with period as (
    select * from {{ ref('ind_feed__period') }}
    where denominator is not null
),

formula as (
    select * from {{ ref('formula') }}
),

rule as (
    select * from {{ ref('dsc_rules') }}
    where is_main
),

measure as (
    select * from {{ ref('msr_period') }}
),

final as (
    select distinct period.value_key
    from period
    inner join formula
        on
            period.metric_key = formula.metric_key
            and period.variant = formula.variant
            and period.fund_scope = formula.fund_scope
            and formula.scheme_set in ('each_all', period.scheme_code)
    inner join rule on formula.denominator_measure = rule.measure_key
    inner join measure
        on
            rule.count_measure = measure.measure_key
            and period.region_code = measure.region_code
            and period.scheme_code = measure.scheme_code
            and measure.fund_scope = 'all'
            and period.period_end = measure.period_end
            and period.data_origin = measure.data_origin
            and measure.period_basis
            = case period.period_basis when 'point' then 'month' else period.period_basis end
    where
        case formula.denominator_span
            when 'closing' then measure.closing
            when 'mean' then measure.total / measure.months_counted
            else measure.total
        end < 30
)

select * from final

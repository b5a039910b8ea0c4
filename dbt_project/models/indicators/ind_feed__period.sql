-- One row per formula, region, scheme and period: numerator over denominator out of the feeds.
with formula as (
    select * from {{ ref('formula') }}
),

measure as (
    select * from {{ ref('msr_period') }}
),

maturity as (
    select * from {{ ref('int_benefit__maturity') }}
    where maturity_rate < 0.95
),

of_settlements as (
    select * from {{ ref('measure') }}
    where contains(feeds, 'settlement')
),

value_flag as (
    select * from {{ ref('value_flag') }}
),

bounded as (
    select * from {{ ref('int_indicator__bounded') }}
),

basis as (
    select
        formula.*,
        bounded.metric_key is not null as is_bounded,
        value_flag.flag as own_flag,
        value_flag.holds as own_flag_holds,
        unnest(string_split(formula.period_bases, ';')) as basis
    from formula
    left join value_flag
        on formula.metric_key = value_flag.metric_key and formula.variant = value_flag.variant
    left join bounded
        on formula.metric_key = bounded.metric_key and formula.variant = bounded.variant
),

numerators as (
    select
        basis.*,
        measure.region_code,
        measure.scheme_code as measured_scheme,
        measure.period_start,
        measure.period_end,
        measure.data_origin,
        measure.report_status,
        measure.known_on,
        measure.completeness,
        {{ per_part('measure', 'basis.numerator_span') }} as numerator
    from basis
    inner join measure
        on
            basis.numerator_measure = measure.measure_key
            and basis.fund_scope = measure.fund_scope
            and measure.period_basis
            = case basis.basis when 'point' then 'month' else basis.basis end
            and basis.scheme_set in ('each_all', measure.scheme_code)
            and (basis.has_counties or measure.region_code = '460000')
),

divided as (
    select
        numerators.*,
        {{ per_part('measure', 'numerators.denominator_span') }} as denominator_sum,
        case numerators.denominator_span when 'mean' then measure.months_counted else 1 end
        * coalesce(numerators.denominator_divisor, 1) as denominator_parts,
        measure.report_status as denominator_status,
        measure.known_on as denominator_known_on,
        measure.completeness as denominator_completeness,
        measure.basis_date,
        maturity.settlement_month is not null as is_provisional
    from numerators
    left join measure
        on
            numerators.denominator_measure = measure.measure_key
            and numerators.denominator_scope = measure.fund_scope
            and numerators.region_code = measure.region_code
            and numerators.measured_scheme = measure.scheme_code
            and numerators.period_end = measure.period_end
            and numerators.data_origin = measure.data_origin
            and case
                when numerators.denominator_span = 't12' then 't12'
                when numerators.basis = 'point' then 'month'
                else numerators.basis
            end = measure.period_basis
    left join of_settlements on numerators.numerator_measure = of_settlements.measure_key
    left join maturity
        on
            of_settlements.measure_key is not null
            and date_trunc('month', numerators.period_end) = maturity.settlement_month
),

final as (
    {{ feed_indicator('divided') }}
)

select * from final

-- One row per indicator value of the feeds that is not shown, and whether it is small itself.
with period as (
    select * from {{ ref('ind_feed__period') }}
),

formula as (
    select * from {{ ref('formula') }}
),

small_cell as (
    select * from {{ ref('small_cell') }}
    where count_measure is not null
),

hidden_month as (
    select * from {{ ref('int_disclosure__hidden_months') }}
),

hidden_year as (
    select * from {{ ref('int_disclosure__hidden_years') }}
),

measure as (
    select * from {{ ref('int_measure__periods') }}
),

hidden as (
    select
        *,
        'month' as span
    from hidden_month
    union all
    select
        *,
        'year' as span
    from hidden_year
),

counted as (
    select
        period.value_key,
        period.data_origin,
        period.region_code,
        period.scheme_code,
        period.period_end,
        small_cell.count_measure,
        small_cell.least_count,
        case small_cell.measure_key
            when formula.numerator_measure then formula.numerator_span
            else formula.denominator_span
        end as counted_span,
        period.period_basis,
        year(period.period_end) as last_year,
        case
            when
                period.period_basis = 'year'
                or period.period_basis in ('ytd', 't12') and month(period.period_end) = 12
                then 'year'
            else 'month'
        end as span
    from period
    inner join formula
        on
            period.metric_key = formula.metric_key
            and period.variant = formula.variant
            and period.fund_scope = formula.fund_scope
            and formula.scheme_set in ('each_all', period.scheme_code)
    inner join small_cell
        on small_cell.measure_key in (formula.numerator_measure, formula.denominator_measure)
),

hidden_value as (
    select distinct counted.*
    from counted
    inner join hidden
        on
            counted.count_measure = hidden.count_measure
            and counted.data_origin = hidden.data_origin
            and counted.region_code = hidden.region_code
            and counted.span = hidden.span
            and (
                counted.last_year = hidden.disclosure_year
                or (
                    counted.period_basis = 't12'
                    and counted.span = 'month'
                    and counted.last_year - 1 = hidden.disclosure_year
                )
            )
),

final as (
    select
        hidden_value.value_key,
        bool_or(
            {{
                is_small_cell(
                    per_part('measure', 'hidden_value.counted_span'), 'hidden_value.least_count'
                )
            }}
        ) as is_small,
        max(hidden_value.least_count) as least_count
    from hidden_value
    left join measure
        on
            hidden_value.count_measure = measure.measure_key
            and hidden_value.region_code = measure.region_code
            and hidden_value.scheme_code = measure.scheme_code
            and measure.fund_scope = 'all'
            and hidden_value.period_end = measure.period_end
            and hidden_value.data_origin = measure.data_origin
            and measure.period_basis
            = case hidden_value.period_basis
                when 'point' then 'month'
                else hidden_value.period_basis
            end
    group by hidden_value.value_key
)

select * from final

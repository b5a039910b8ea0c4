-- One row per indicator value of the feeds that is not shown, with the reason.
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
        small_cell.count_measure,
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

final as (
    select
        counted.value_key,
        max(hidden.disclosure) as disclosure
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
    group by counted.value_key
)

select * from final

-- One row per month of settlements: the share of its rows that has come, by chain ladder.
with touched as (
    select * from {{ source('raw', 'touched_month') }}
    where feed = 'settlement'
),

batch as (
    select * from {{ ref('stg_published__batch') }}
),

delivered as (
    select
        touched.month as settlement_month,
        date_diff('month', touched.month, batch.known_on) as lag_months,
        max(batch.known_on) over () as last_known_on,
        touched.rows_touched
    from touched
    inner join batch on touched.batch_id = batch.batch_id
),

observed as (
    select
        settlement_month,
        date_diff('month', settlement_month, max(last_known_on)) as last_lag
    from delivered
    group by settlement_month
),

triangle as (
    select
        observed.settlement_month,
        lags.lag_months,
        sum(
            case when delivered.lag_months <= lags.lag_months then delivered.rows_touched else 0 end
        ) as rows_known
    from observed
    cross join (select unnest(generate_series(0, {{ last_maturity_lag() }})) as lag_months) as lags
    inner join delivered on observed.settlement_month = delivered.settlement_month
    where lags.lag_months <= observed.last_lag
    group by observed.settlement_month, lags.lag_months
),

factor as (
    select
        earlier.lag_months,
        cast(sum(later.rows_known) as double) / nullif(sum(earlier.rows_known), 0) as growth_factor
    from triangle as earlier
    inner join triangle as later
        on
            earlier.settlement_month = later.settlement_month
            and later.lag_months = earlier.lag_months + 1
    where earlier.rows_known > 0
    group by earlier.lag_months
),

final as (
    select
        observed.settlement_month,
        cast(
            coalesce(exp(-sum(ln(factor.growth_factor))), 1) as decimal(20, 10)
        ) as maturity_rate
    from observed
    left join factor on factor.lag_months >= observed.last_lag
    group by observed.settlement_month
)

select * from final

-- One row per region, scheme and month: how far expenditure lies off what the months before led to.
with monthly as (
    select * from {{ ref('ind_feed__period') }}
    where
        metric_key = 'fund_expense'
        and fund_scope = 'pool'
        and period_basis = 'month'
        and completeness = 1
        and value > 0
),

growth as (
    select
        present.region_code,
        present.scheme_code,
        present.period_end as month_end,
        present.data_origin,
        greatest(present.known_on, past.known_on) as known_on,
        ln(cast(present.value as double) / cast(past.value as double)) as log_growth
    from monthly as present
    inner join monthly as past
        on
            {{ same_series('present', 'past') }}
            and {{ same_period_last_year('present.period_end', 'past.period_end') }}
),

baseline as (
    select
        *,
        avg(log_growth) over months_before as mean_before,
        stddev_samp(log_growth) over months_before as deviation_before,
        count(*) over months_before as months_known
    from growth
    window months_before as (
        partition by region_code, scheme_code, data_origin
        order by month_end
        rows between 24 preceding and 1 preceding
    )
),

standardised as (
    select
        *,
        (log_growth - mean_before) / deviation_before as residual
    from baseline
    where months_known >= 12 and deviation_before > 1e-9
),

cumulated as (
    select
        *,
        sum(residual - 0.5) over months_since as rising_sum,
        sum(-residual - 0.5) over months_since as falling_sum
    from standardised
    window months_since as (
        partition by region_code, scheme_code, data_origin
        order by month_end
        rows between unbounded preceding and current row
    )
),

final as (
    select
        region_code,
        scheme_code,
        month_end,
        data_origin,
        cast(residual as decimal(20, 10)) as residual,
        cast(
            greatest(
                rising_sum - least(0, min(rising_sum) over months_since),
                falling_sum - least(0, min(falling_sum) over months_since)
            ) as decimal(20, 10)
        ) as cusum,
        known_on
    from cumulated
    window months_since as (
        partition by region_code, scheme_code, data_origin
        order by month_end
        rows between unbounded preceding and current row
    )
)

select * from final

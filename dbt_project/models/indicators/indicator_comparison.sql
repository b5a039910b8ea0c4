-- One row per value of the feeds and kind of comparison: the value before, difference and growth.
with feed_value as (
    select * from {{ ref('ind_feed__period') }}
    where completeness = 1
),

series_break as (
    select * from {{ ref('dim_reference__series_break') }}
),

pair as (
    select
        'year_on_year' as comparison_code,
        present.value_key,
        past.value_key as past_value_key
    from feed_value as present
    inner join feed_value as past
        on
            {{ same_series('present', 'past') }}
            and {{ same_period_last_year('present.period_end', 'past.period_end') }}
    union all
    select
        'month_on_month' as comparison_code,
        present.value_key,
        past.value_key as past_value_key
    from feed_value as present
    inner join feed_value as past
        on
            {{ same_series('present', 'past') }}
            and present.period_basis in ('month', 'point')
            and past.period_end
            = cast(date_trunc('month', present.period_end) - interval 1 day as date)
),

final as (
    select
        pair.value_key,
        pair.comparison_code,
        pair.past_value_key,
        present.metric_key,
        present.variant,
        present.region_code,
        present.scheme_code,
        present.fund_scope,
        present.period_basis,
        present.period_end,
        past.period_end as past_period_end,
        present.data_origin,
        present.value,
        past.value as past_value,
        cast(present.value - past.value as decimal(28, 10)) as difference,
        cast(
            case when past.value > 0 then {{ growth('present.value', 'past.value') }} end
            as decimal(20, 10)
        ) as growth_rate,
        greatest(present.known_on, past.known_on) as known_on
    from pair
    inner join feed_value as present on pair.value_key = present.value_key
    inner join feed_value as past on pair.past_value_key = past.value_key
    where not exists (
        select 1 from series_break
        where
            series_break.metric_key = present.metric_key
            and series_break.region_code = present.region_code
            and series_break.scheme_code = present.scheme_code
            and series_break.break_date > past.period_end
            and series_break.break_date <= present.period_end
    )
)

select * from final

-- One row per month that the platform feeds of this build cover, with its last day.
with touched as (
    select * from {{ source('raw', 'touched_month') }}
),

batch as (
    select * from {{ ref('stg_published__batch') }}
    where data_origin <> 'published'
),

feed as (
    select * from {{ ref('int_calendar__feeds') }}
),

bounds as (
    select
        min(case when touched.feed in ('settlement', 'fund_ledger') then touched.month end)
            as first_month,
        max(batch.known_on) as last_known_on,
        min(batch.known_on) as first_known_on,
        max(batch.data_to) as data_to,
        max(batch.data_origin) as data_origin
    from batch
    left join touched on batch.batch_id = touched.batch_id
),

-- relations that begin show that a month is over, but alone they bound nothing: they are a state
covered as (
    select max(data_end) as last_covered
    from feed
    having bool_or(feed <> 'enrolment')
),

dated as (
    select
        bounds.*,
        least(
            bounds.last_known_on,
            bounds.data_to,
            coalesce(covered.last_covered, bounds.last_known_on)
        ) as last_date
    from bounds
    left join covered on true
),

spanned as (
    select
        data_origin,
        last_date,
        unnest(
            generate_series(
                coalesce(
                    first_month,
                    cast(date_trunc('month', first_known_on) - interval 1 month as date)
                ),
                last_date,
                interval 1 month
            )
        ) as month_at
    from dated
    where last_known_on is not null
),

final as (
    select
        cast(month_at as date) as month_start,
        last_day(cast(month_at as date)) as month_end,
        data_origin
    from spanned
    where last_day(cast(month_at as date)) <= last_date
)

select * from final

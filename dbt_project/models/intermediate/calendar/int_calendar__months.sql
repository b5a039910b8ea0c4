-- One row per month that the platform feeds of this build cover, with its last day.
with touched as (
    select * from {{ source('raw', 'touched_month') }}
),

batch as (
    select * from {{ ref('stg_published__batch') }}
    where data_origin <> 'published'
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

spanned as (
    select
        data_origin,
        unnest(
            generate_series(
                coalesce(
                    first_month,
                    cast(date_trunc('month', first_known_on) - interval 1 month as date)
                ),
                least(last_known_on, data_to),
                interval 1 month
            )
        ) as month_at,
        least(last_known_on, data_to) as last_date
    from bounds
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

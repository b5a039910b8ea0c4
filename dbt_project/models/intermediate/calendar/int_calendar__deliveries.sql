-- One row per feed, region (all: the feed as a whole) and month: how much of its delivery has come.
with counted as (
    select * from {{ source('raw', 'arrived_month') }}
    where rows_new > 0
),

batch as (
    select * from {{ ref('stg_published__batch') }}
    where data_origin <> 'published'
),

month_of_build as (
    select * from {{ ref('int_calendar__months') }}
),

said as (
    select
        delivery_said.feed,
        delivery_said.region_code,
        delivery_said.month as month_start
    from {{ source('raw', 'delivery_said') }} as delivery_said
    inner join {{ source('raw', 'build_parameter') }} as build_parameter
        on delivery_said.said_on <= build_parameter.known_on
),

rule as (
    select * from {{ ref('arrival_rule') }}
),

arrived as (
    select
        counted.feed,
        counted.region_code,
        counted.month as month_start,
        counted.rows_new
    from counted
    inner join batch on counted.batch_id = batch.batch_id
),

calendar as (
    select
        feed.feed,
        month_of_build.month_start
    from (select distinct feed from arrived) as feed
    cross join month_of_build
),

{{ judged_deliveries() }},

final as (
    select
        feed,
        region_code,
        month_start,
        last_day(month_start) as month_end,
        rows_arrived,
        rows_expected,
        is_arrived,
        own_coverage,
        coverage
    from delivery
)

select * from final

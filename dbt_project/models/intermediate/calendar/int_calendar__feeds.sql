-- One row per feed that tells what happened in a month: until which day its deliveries cover it.
with touched as (
    select * from {{ source('raw', 'touched_month') }}
),

batch as (
    select * from {{ ref('stg_published__batch') }}
    where data_origin <> 'published'
),

-- a month that ended after the delivery is not in it as a whole
delivered as (
    select
        touched.feed,
        touched.month,
        min(batch.known_on) as first_known_on
    from touched
    inner join batch on touched.batch_id = batch.batch_id
    where
        touched.feed in ('settlement', 'fund_ledger', 'contribution', 'enrolment')
        and last_day(touched.month) <= batch.known_on
    group by touched.feed, touched.month
),

-- what comes later without a newer month corrects or adds to months that were covered before
newest as (
    select
        feed,
        last_day(month) as data_end,
        first_known_on,
        max(last_day(month)) over () as newest_end
    from delivered
    qualify row_number() over (partition by feed order by month desc) = 1
),

final as (
    select
        feed,
        data_end,
        -- months at the end without a row are 0 as far as another feed shows that they are over;
        -- relations hold until the last delivery says otherwise
        case feed
            when 'enrolment' then {{ last_known('enrolment') }}
            else greatest(data_end, least(first_known_on, newest_end))
        end as covered_until
    from newest
)

select * from final

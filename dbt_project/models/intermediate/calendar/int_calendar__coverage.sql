-- One row per measure, region and period with a month that did not come whole: the share that came.
-- 460000 lacks what any county lacks; `any` stands for regions of which nothing was ever counted.
with measure as (
    select * from {{ ref('measure') }}
),

delivery as (
    select * from {{ ref('int_calendar__deliveries') }}
),

span as (
    select * from {{ ref('int_calendar__spans') }}
),

named as (
    select
        feeds,
        unnest(string_split(feeds, ';')) as feed
    from (select distinct feeds from measure) as listed
),

place as (
    select
        named.feeds,
        case delivery.region_code when 'all' then '460000' else delivery.region_code end
            as region_code
    from named
    inner join delivery on named.feed = delivery.feed
    group by all
    union
    select
        feeds,
        'any' as region_code
    from named
),

short_month as (
    select
        named.feeds,
        delivery.month_end
    from named
    inner join delivery on named.feed = delivery.feed
    where delivery.coverage < 1
    group by named.feeds, delivery.month_end
),

-- a figure lacks what the least complete of its feeds lacks
monthly as (
    select
        place.feeds,
        place.region_code,
        short_month.month_end,
        min(coalesce(own.coverage, whole.own_coverage)) as coverage
    from place
    inner join short_month on place.feeds = short_month.feeds
    inner join named on place.feeds = named.feeds
    inner join delivery as whole
        on
            named.feed = whole.feed
            and whole.region_code = 'all'
            and short_month.month_end = whole.month_end
    left join delivery as own
        on
            named.feed = own.feed
            and own.region_code
            = case place.region_code when '460000' then 'all' else place.region_code end
            and short_month.month_end = own.month_end
    group by place.feeds, place.region_code, short_month.month_end
),

-- of a flow of which nothing came there is no number, not even 0
final as (
    select
        measure.measure_key,
        measure.kind = 'flow' as is_flow,
        monthly.region_code,
        span.period_basis,
        span.period_end,
        cast(1 - sum(1 - monthly.coverage) / max(span.months_needed) as decimal(10, 6)) as coverage
    from monthly
    inner join span on monthly.month_end = span.month_end
    inner join measure on monthly.feeds = measure.feeds
    group by
        measure.measure_key,
        measure.kind,
        monthly.region_code,
        span.period_basis,
        span.period_end
)

select * from final

{#- Whether the delivery of a month has come, judged by its rows: CTEs that read `arrived` (feed, region_code,
    month_start, rows_new), `calendar` (feed, month_start), `said` (feed, region_code, month_start) and `rule`
    (seeds/thresholds/arrival_rule.csv), and end with `delivery`. Region `all` is the feed as a whole.

    A month lacks its delivery when its rows fall short of what the nearest months that have any lead to expect
    (their median; where the same month of enough other years had fewer, theirs): below `least_share` of it, and
    by more than `deviations` times its square root, so that months which are small by nature are not accused.
    Used by dbt and, with the same text, by `yibao expected`. -#}
{% macro judged_deliveries() -%}
cell as (
    select
        feed,
        case when grouping(region_code) = 1 then 'all' else region_code end as region_code,
        month_start,
        cast(sum(rows_new) as bigint) as rows_arrived
    from arrived
    group by feed, month_start, grouping sets ((region_code), ())
    having grouping(region_code) = 1 or region_code is not null
),

series as (
    select
        feed,
        region_code
    from cell
    group by feed, region_code
),

numbered as (
    select
        series.feed,
        series.region_code,
        calendar.month_start,
        coalesce(cell.rows_arrived, 0) as rows_arrived,
        sum(case when cell.rows_arrived > 0 then 1 else 0 end) over (
            partition by series.feed, series.region_code order by calendar.month_start
        ) as place
    from series
    inner join calendar on series.feed = calendar.feed
    left join cell
        on
            series.feed = cell.feed
            and series.region_code = cell.region_code
            and calendar.month_start = cell.month_start
),

parameter as (
    select
        series.feed,
        max_by(rule.least_share, rule.feed <> '*') as least_share,
        max_by(rule.deviations, rule.feed <> '*') as deviations,
        max_by(rule.months_each_side, rule.feed <> '*') as months_each_side,
        max_by(rule.least_months, rule.feed <> '*') as least_months,
        max_by(rule.least_years, rule.feed <> '*') as least_years
    from (select distinct feed from series) as series
    inner join rule on rule.feed in (series.feed, '*')
    group by series.feed
),

neighbour as (
    select
        present.feed,
        present.region_code,
        present.month_start,
        count(*) as months_near,
        cast(median(near.rows_arrived) as decimal(18, 2)) as rows_near
    from numbered as present
    inner join parameter on present.feed = parameter.feed
    inner join numbered as near
        on
            present.feed = near.feed
            and present.region_code = near.region_code
            and present.month_start <> near.month_start
            and near.rows_arrived > 0
            and near.place between
            present.place - parameter.months_each_side
            + case when present.rows_arrived > 0 then 0 else 1 end
            and present.place + parameter.months_each_side
    group by present.feed, present.region_code, present.month_start
),

same_month as (
    select
        present.feed,
        present.region_code,
        present.month_start,
        count(*) as years,
        cast(median(past.rows_arrived) as decimal(18, 2)) as rows_then
    from numbered as present
    inner join numbered as past
        on
            present.feed = past.feed
            and present.region_code = past.region_code
            and month(present.month_start) = month(past.month_start)
            and present.month_start <> past.month_start
            and past.rows_arrived > 0
    group by present.feed, present.region_code, present.month_start
),

compared as (
    select
        numbered.feed,
        numbered.region_code,
        numbered.month_start,
        numbered.rows_arrived,
        parameter.least_share,
        parameter.deviations,
        case
            when neighbour.months_near >= parameter.least_months
                then
                    case
                        when same_month.years >= parameter.least_years
                            then least(neighbour.rows_near, same_month.rows_then)
                        else neighbour.rows_near
                    end
        end as rows_expected
    from numbered
    inner join parameter on numbered.feed = parameter.feed
    left join neighbour
        on
            numbered.feed = neighbour.feed
            and numbered.region_code = neighbour.region_code
            and numbered.month_start = neighbour.month_start
    left join same_month
        on
            numbered.feed = same_month.feed
            and numbered.region_code = same_month.region_code
            and numbered.month_start = same_month.month_start
),

tested as (
    select
        compared.*,
        coalesce(rows_expected > deviations * deviations, false) as can_tell,
        coalesce(
            rows_arrived < least_share * rows_expected
            and (rows_expected - rows_arrived) * (rows_expected - rows_arrived)
            > deviations * deviations * rows_expected,
            false
        ) as is_low,
        said.feed is not null or said_of_all.feed is not null as is_said
    from compared
    left join said
        on
            compared.feed = said.feed
            and compared.region_code = said.region_code
            and compared.month_start = said.month_start
    left join said as said_of_all
        on
            compared.feed = said_of_all.feed
            and said_of_all.region_code = 'all'
            and compared.month_start = said_of_all.month_start
),

-- a region too small to tell by its own rows has come when the feed has
decided as (
    select
        tested.feed,
        tested.region_code,
        tested.month_start,
        tested.rows_arrived,
        tested.rows_expected,
        whole.rows_arrived as whole_arrived,
        whole.rows_expected as whole_expected,
        tested.can_tell,
        tested.is_said or (
            not tested.is_low and (tested.can_tell or not whole.is_low)
        ) as is_arrived
    from tested
    inner join tested as whole
        on
            tested.feed = whole.feed
            and whole.region_code = 'all'
            and tested.month_start = whole.month_start
),

covered as (
    select
        *,
        case
            when is_arrived then 1
            when can_tell then least(1, cast(rows_arrived as decimal(18, 6)) / rows_expected)
            else least(1, cast(whole_arrived as decimal(18, 6)) / whole_expected)
        end as own_coverage
    from decided
),

lacking as (
    select
        feed,
        month_start,
        sum(case when is_arrived then 0 else greatest(0, rows_expected - rows_arrived) end)
            as rows_lacking,
        sum(greatest(rows_arrived, case when is_arrived then 0 else rows_expected end)) as rows_due
    from covered
    where region_code <> 'all'
    group by feed, month_start
),

delivery as (
    select
        covered.feed,
        covered.region_code,
        covered.month_start,
        covered.rows_arrived,
        covered.rows_expected,
        covered.is_arrived,
        cast(covered.own_coverage as decimal(10, 6)) as own_coverage,
        cast(
            case
                when covered.region_code = 'all' and lacking.rows_lacking > 0
                    then
                        least(
                            covered.own_coverage,
                            1 - cast(lacking.rows_lacking as decimal(18, 6)) / lacking.rows_due
                        )
                else covered.own_coverage
            end as decimal(10, 6)
        ) as coverage
    from covered
    left join lacking
        on
            covered.feed = lacking.feed
            and covered.month_start = lacking.month_start
)
{%- endmacro %}

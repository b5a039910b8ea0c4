-- One row per date and reason at which the series of one card of one region break.
with trend as (
    select
        region_code,
        card_code,
        metric_key,
        scheme_code
    from report.leader_trend
    union
    select
        region_code,
        card_code,
        metric_key,
        scheme_code
    from report.leader_kpi
),

series_break as (
    select * from reference.series_break
),

final as (
    select
        series_break.break_date,
        series_break.scheme_code,
        series_break.reason_zh,
        series_break.reason_en
    from series_break
    inner join trend
        on
            series_break.metric_key = trend.metric_key
            and series_break.region_code = trend.region_code
            and series_break.scheme_code = trend.scheme_code
    where trend.region_code = $region and trend.card_code = $card
    order by series_break.break_date, series_break.scheme_code
)

select * from final

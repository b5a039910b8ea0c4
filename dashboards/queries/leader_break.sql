-- One row per date and reason at which a drawn series of one card of one region breaks.
with drawn as (
    select
        metric_key,
        scheme_code,
        region_code,
        min(period_end) as first_end,
        max(period_end) as last_end
    from report.leader_trend
    where
        region_code = $region
        and card_code = $card
        and data_origin = $origin
        and data_origin = 'published'
    group by metric_key, scheme_code, region_code
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
    inner join drawn
        on
            series_break.metric_key = drawn.metric_key
            and series_break.region_code = drawn.region_code
            and series_break.scheme_code = drawn.scheme_code
            and series_break.break_date between drawn.first_end and drawn.last_end
    order by series_break.break_date, series_break.scheme_code
)

select * from final

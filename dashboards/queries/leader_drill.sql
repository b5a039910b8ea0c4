-- One row per value behind one card of one region, newest first; a bound has words, no number.
with trend as (
    select * from report.leader_trend
),

kpi as (
    select * from report.leader_kpi
),

indicator_value as (
    select * from indicator.value
),

code as (
    select * from reference.code
),

release as (
    select * from reference.release
),

shown as (
    select
        metric_key,
        variant,
        scheme_code,
        fund_scope,
        value_key,
        shown_value,
        unit_zh,
        unit_en
    from trend
    where region_code = $region and card_code = $card and data_origin = $origin
    union
    select
        metric_key,
        variant,
        scheme_code,
        fund_scope,
        value_key,
        shown_value,
        unit_zh,
        unit_en
    from kpi
    where region_code = $region and card_code = $card and data_origin = $origin
),

series as (
    select distinct
        metric_key,
        variant,
        scheme_code,
        fund_scope,
        unit_zh,
        unit_en
    from shown
),

source as (
    select
        value_batch.value_key,
        string_agg(distinct series.name_zh, '；' order by series.name_zh) as source_zh,
        string_agg(distinct series.name_en, '; ' order by series.name_en) as source_en,
        string_agg(
            distinct batch.file_name || ' #' || value_batch.record_number, '; '
            order by batch.file_name || ' #' || value_batch.record_number
        ) as record
    from indicator.value_batch
    inner join reference.batch on value_batch.batch_id = batch.batch_id
    left join reference.series on value_batch.series_code = series.series_code
    group by value_batch.value_key
),

final as (
    select
        scheme.name_zh as scheme_zh,
        scheme.name_en as scheme_en,
        registry.name_zh as metric_zh,
        registry.name_en as metric_en,
        indicator_value.period_basis,
        indicator_value.period_start,
        indicator_value.period_end,
        shown.shown_value,
        indicator_value.qualifier,
        display_unit.decimals,
        series.unit_zh,
        series.unit_en,
        status.name_zh as status_zh,
        status.name_en as status_en,
        scope.name_zh as scope_zh,
        scope.name_en as scope_en,
        indicator_value.quality_flag,
        coalesce(
            source.source_zh,
            case when $origin <> 'published' then '平台数据源 ' || registry.source_feeds end
        ) as source_zh,
        coalesce(
            source.source_en,
            case when $origin <> 'published' then 'platform feeds ' || registry.source_feeds end
        ) as source_en,
        source.record,
        indicator_value.value_key,
        indicator_value.known_on,
        release.release_id
    from indicator_value
    cross join release
    inner join series
        on
            indicator_value.metric_key = series.metric_key
            and indicator_value.variant = series.variant
            and indicator_value.scheme_code = series.scheme_code
            and indicator_value.fund_scope = series.fund_scope
    inner join indicator.registry on indicator_value.metric_key = registry.metric_key
    inner join reference.display_unit on registry.unit = display_unit.unit
    left join shown on indicator_value.value_key = shown.value_key
    left join source on indicator_value.value_key = source.value_key
    left join code as scheme
        on indicator_value.scheme_code = scheme.code and scheme.code_set = 'scheme'
    left join code as status
        on indicator_value.report_status = status.code and status.code_set = 'report_status'
    left join code as scope
        on indicator_value.fund_scope = scope.code and scope.code_set = 'fund_scope'
    where
        indicator_value.region_code = $region
        and indicator_value.data_origin = $origin
        and (
            shown.value_key is not null
            or (indicator_value.value is null and indicator_value.qualifier is not null)
        )
    order by
        indicator_value.period_end desc,
        indicator_value.scheme_code,
        indicator_value.fund_scope,
        indicator_value.report_status,
        indicator_value.known_on desc,
        indicator_value.value_key
)

select * from final

-- One row per indicator value that is both printed and computed from the feeds: both sides.
with printed as (
    select * from {{ ref('indicator_value') }}
    where data_origin = 'published' and value is not null
),

computed as (
    select * from {{ ref('indicator_value') }}
    where data_origin <> 'published' and value is not null
),

final as (
    select
        'published_against_feeds' as check_code,
        printed.variant || '/' || computed.variant as rule,
        computed.data_origin as series_code,
        printed.region_code,
        printed.scheme_code,
        printed.fund_scope,
        printed.metric_key as indicator_code,
        printed.period_basis,
        printed.period_end,
        printed.unit,
        computed.value as expected_value,
        printed.value as found_value,
        printed.qualifier as found_qualifier,
        cast(
            case when printed.unit = 'ratio' then 0.01 else abs(printed.value) * 0.01 end
            as decimal(28, 10)
        ) as tolerance,
        '公布值与平台数据计算值之差，容差 1 个百分点或 1%' as rule_zh,
        'as published against computed from the feeds; tolerance one point or 1 %' as rule_en,
        cast(null as varchar) as batch_id,
        cast(null as bigint) as record_number,
        computed.data_origin as cell
    from printed
    inner join computed
        on
            printed.metric_key = computed.metric_key
            and printed.region_code = computed.region_code
            and printed.scheme_code = computed.scheme_code
            and printed.fund_scope in (computed.fund_scope, 'unstated')
            and printed.period_basis = computed.period_basis
            and printed.period_end = computed.period_end
    qualify row_number() over (
        partition by
            printed.metric_key, printed.variant, computed.variant, printed.region_code,
            printed.scheme_code, printed.fund_scope, printed.period_basis, printed.period_end,
            computed.data_origin
        order by printed.report_status, printed.known_on desc, computed.fund_scope desc
    ) = 1
)

select * from final

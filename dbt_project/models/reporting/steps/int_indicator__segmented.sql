-- One row per indicator value in its newest delivery, with its segment and the year before.
with indicator_values as (
    select * from {{ ref('indicator_value') }}
),

series_break as (
    select * from {{ ref('dim_reference__series_break') }}
),

newest as (
    select
        *,
        case report_status when 'final' then 1 when 'preliminary' then 2 else 3 end as status_rank
    from indicator_values
    qualify row_number() over (
        partition by
            metric_key, variant, region_code, scheme_code, fund_scope, period_basis, period_end,
            data_origin, report_status
        order by known_on desc
    ) = 1
),

crossed as (
    select
        newest.value_key,
        count(*) as segment,
        max(series_break.reason_zh) as break_zh,
        max(series_break.reason_en) as break_en
    from newest
    inner join series_break
        on
            newest.metric_key = series_break.metric_key
            and newest.region_code = series_break.region_code
            and newest.scheme_code = series_break.scheme_code
            and newest.period_end >= series_break.break_date
    group by newest.value_key
),

segmented as (
    select
        newest.*,
        coalesce(crossed.segment, 0) as segment,
        crossed.break_zh,
        crossed.break_en
    from newest
    left join crossed on newest.value_key = crossed.value_key
),

final as (
    select
        present.*,
        past.value as previous_value,
        past.period_end as previous_period_end
    from segmented as present
    left join segmented as past
        on
            present.metric_key = past.metric_key
            and present.variant = past.variant
            and present.region_code = past.region_code
            and present.scheme_code = past.scheme_code
            and present.fund_scope = past.fund_scope
            and present.period_basis = past.period_basis
            and present.data_origin = past.data_origin
            and present.report_status = past.report_status
            and present.segment = past.segment
            and {{ same_period_last_year('present.period_end', 'past.period_end') }}
)

select * from final

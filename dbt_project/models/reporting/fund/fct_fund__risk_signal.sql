-- One row per signal, region, scheme and month: its level, since when and for how long.
with signal as (
    select * from {{ ref('int_fund__signals') }}
),

risk_signal as (
    select * from {{ ref('risk_signal') }}
),

levelled as (
    select
        signal.signal_code,
        signal.region_code,
        signal.scheme_code,
        signal.month_end,
        signal.data_origin,
        signal.number,
        case
            when risk_signal.direction = 'below' and signal.number < risk_signal.red then 'red'
            when risk_signal.direction = 'above' and signal.number > risk_signal.red then 'red'
            when risk_signal.direction = 'outside' and abs(signal.number) > risk_signal.red
                then 'red'
            when risk_signal.direction = 'below' and signal.sustained < risk_signal.amber
                then 'amber'
            when risk_signal.direction = 'above' and signal.sustained > risk_signal.amber
                then 'amber'
            when risk_signal.direction = 'outside' and abs(signal.sustained) > risk_signal.amber
                then 'amber'
            else 'green'
        end as level_code,
        signal.known_on
    from signal
    inner join risk_signal on signal.signal_code = risk_signal.signal_code
),

composite as (
    select
        'composite' as signal_code,
        region_code,
        'all' as scheme_code,
        month_end,
        data_origin,
        cast(count(case when level_code <> 'green' then 1 end) as decimal(28, 10)) as number,
        case
            when
                count(case when level_code = 'red' then 1 end) > 0
                or count(case when level_code = 'amber' then 1 end) >= 3
                then 'red'
            when count(case when level_code = 'amber' then 1 end) > 0 then 'amber'
            else 'green'
        end as level_code,
        max(known_on) as known_on
    from levelled
    group by region_code, month_end, data_origin
),

unioned as (
    select * from levelled
    union all
    select * from composite
),

spelled as (
    select
        *,
        sum(case when level_code = 'green' then 1 else 0 end) over (
            partition by signal_code, region_code, scheme_code, data_origin
            order by month_end
            rows between unbounded preceding and current row
        ) as spell,
        lag(level_code) over (
            partition by signal_code, region_code, scheme_code, data_origin order by month_end
        ) as previous_level
    from unioned
),

dated as (
    select
        *,
        case
            when level_code <> 'green'
                then min(case when level_code <> 'green' then month_end end) over (
                    partition by signal_code, region_code, scheme_code, data_origin, spell
                )
        end as first_seen_month
    from spelled
),

final as (
    select
        signal_code,
        region_code,
        scheme_code,
        month_end,
        data_origin,
        number as signal_value,
        level_code,
        first_seen_month,
        cast(
            case
                when first_seen_month is null then 0
                else {{ months_between('first_seen_month', 'month_end') }} + 1
            end as bigint
        ) as persisting_months,
        level_code = 'green' and coalesce(previous_level, 'green') <> 'green' as is_resolved,
        known_on
    from dated
)

select * from final

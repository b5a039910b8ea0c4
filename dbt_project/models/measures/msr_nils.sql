-- One row per measure, region, scheme and month its feeds report of: 0, to which events add.
with place as (
    select * from {{ ref('msr_places') }}
),

arrived as (
    select * from {{ ref('msr_arrived') }}
),

month_lock as (
    select * from {{ source('raw', 'month_lock') }}
),

measured as (
    select
        measure_key,
        'settled' as event_kind
    from {{ ref('measure') }}
    where
        mart in ('benefit.month', 'payment.institution_month')
        -- not every source delivers the deductible
        and measure_key <> 'ip_deductible'
    {% for kind, keys in nil_measures().items() -%}
        {% for key in keys -%}
            union all
            select
                '{{ key }}' as measure_key,
                '{{ kind }}' as event_kind
        {% endfor -%}
    {% endfor %}
),

placed as (
    select
        *,
        'person' as place_kind
    from place
    union all
    select
        region_code,
        'all' as scheme_code,
        data_origin,
        'roster' as place_kind
    from place
    group by region_code, data_origin
),

final as (
    select
        measured.measure_key,
        placed.region_code,
        placed.scheme_code,
        'all' as fund_scope,
        arrived.month_end,
        arrived.data_origin,
        case when month_lock.month is null then 'preliminary' else 'final' end as report_status,
        cast(0 as decimal(28, 10)) as number,
        arrived.known_on
    from measured
    inner join arrived on measured.event_kind = arrived.event_kind
    inner join placed
        on
            arrived.data_origin = placed.data_origin
            and case measured.event_kind when 'listed' then 'roster' else 'person' end
            = placed.place_kind
    left join month_lock on date_trunc('month', arrived.month_end) = month_lock.month
    where
        measured.event_kind not in ('paid', 'aided')
        or (
            placed.scheme_code = 'resident'
            and (
                measured.measure_key <> 'paid_season'
                or month(arrived.month_end) not between 3 and 8
            )
        )
)

select * from final

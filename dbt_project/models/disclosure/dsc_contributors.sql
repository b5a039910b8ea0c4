-- One row per amount of use and benefit, region, scheme and month: the visits where it is not nil.
with cell as (
    select * from {{ ref('fct_benefit__month') }}
),

measure as (
    select * from {{ ref('msr_month') }}
    where fund_scope = 'all'
),

wide as (
    select
        cell.region_code,
        cell.scheme_code,
        cell.month_end,
        cell.data_origin,
        {% for key, parts in benefit_contributors().items() -%}
            {{ measure_sum(parts) }} as {{ key }},
        {% endfor -%}
        count(*) as cells
    from cell
    group by cell.region_code, cell.scheme_code, cell.month_end, cell.data_origin
),

long as (
    {% for key, parts in benefit_contributors().items() -%}
        select
            '{{ key }}' as measure_key,
            '{{ parts[0] }}' as counted_column,
            region_code,
            scheme_code,
            month_end,
            data_origin,
            {{ key }} as visits
        from wide
        {% if not loop.last %}
            union all
        {% endif %}
    {%- endfor %}
),

placed as (
    select * from long
    union all
    select * replace ('460000' as region_code) from long
),

summed as (
    select
        measure_key,
        region_code,
        case when grouping(scheme_code) = 1 then 'all' else scheme_code end as scheme_code,
        month_end,
        data_origin,
        sum(visits) as visits
    from placed
    group by measure_key, region_code, month_end, data_origin, grouping sets ((scheme_code), ())
),

named as (
    select
        measure_key,
        counted_column
    from long
    group by measure_key, counted_column
),

final as (
    select
        measure.measure_key,
        named.counted_column,
        measure.data_origin,
        measure.region_code,
        measure.scheme_code,
        measure.month_end,
        -- an amount that no net visit explains is somebody's
        cast(
            case
                when measure.number <> 0 and coalesce(summed.visits, 0) = 0 then 1
                else coalesce(summed.visits, 0)
            end as decimal(38, 10)
        ) as number
    from measure
    inner join named on measure.measure_key = named.measure_key
    left join summed
        on
            measure.measure_key = summed.measure_key
            and measure.data_origin = summed.data_origin
            and measure.region_code = summed.region_code
            and measure.scheme_code = summed.scheme_code
            and measure.month_end = summed.month_end
)

select * from final

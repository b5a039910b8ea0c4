-- One row per region: the shipped list and regions that only a delivered file names.
with region as (
    select * from {{ ref('region') }}
),

statistic as (
    select * from {{ ref('stg_published__statistic') }}
),

undeclared as (
    select
        statistic.region_code,
        min(statistic.region_name) as region_name
    from statistic
    left join region on statistic.region_code = region.region_code
    where region.region_code is null
    group by statistic.region_code
),

final as (
    select
        region_code,
        region_name,
        short_name,
        name_en,
        region_level,
        coalesce(parent_code, 'all') as parent_code,
        is_reporting_unit,
        in_plan_denominator,
        is_on_map,
        note
    from region
    union all
    select
        region_code,
        region_name,
        region_name as short_name,
        region_name as name_en,
        'undeclared' as region_level,
        'all' as parent_code,
        false as is_reporting_unit,
        cast(null as boolean) as in_plan_denominator,
        false as is_on_map,
        '仅由装载的文件给出' as note
    from undeclared
)

select * from final

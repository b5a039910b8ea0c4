-- One row per region: the shipped list and regions that only a delivered file names.
with region as (
    select * from {{ ref('region') }}
),

statistic as (
    select * from {{ ref('stg_published__statistic') }}
),

cell as (
    select * from {{ ref('stg_statement__cell') }}
),

named as (
    select
        region_code,
        region_name,
        'all' as parent_code
    from statistic
    union all
    select
        region_code,
        region_name,
        region_parent as parent_code
    from cell
),

undeclared as (
    select
        named.region_code,
        min(named.region_name) as region_name,
        min(named.parent_code) as parent_code
    from named
    left join region on named.region_code = region.region_code
    where region.region_code is null
    group by named.region_code
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
        'declared' as region_level,
        parent_code,
        false as is_reporting_unit,
        cast(null as boolean) as in_plan_denominator,
        false as is_on_map,
        '由装载的文件或报表模板给出' as note
    from undeclared
)

select * from final

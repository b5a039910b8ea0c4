-- One row per region code that a feed may bear: the reporting unit whose figures it belongs to.
with recursive region as (
    select * from {{ ref('region') }}
),

suffix as (
    {{ number_rows('suffix', 1, 99) }}
),

belonging as (
    select
        region_code,
        region_code as unit_code
    from region
    where is_reporting_unit
    union all
    select
        region.region_code,
        belonging.unit_code
    from belonging
    inner join region on belonging.region_code = region.parent_code
    where not region.is_reporting_unit
),

structured as (
    select
        substr(region_code, 1, 4) || lpad(cast(suffix.suffix as varchar), 2, '0') as region_code,
        region.region_code as unit_code
    from region
    cross join suffix
    where
        region.is_reporting_unit
        and region.region_level = 'city'
        and region.parent_code = '460000'
    union all
    -- an office that insures and books under the province's code is the province's own unit
    select
        region.parent_code as region_code,
        region.region_code as unit_code
    from region
    where region.region_level = 'unit'
),

unioned as (
    select
        region_code,
        unit_code,
        true as is_in_province
    from belonging
    union all
    select
        structured.region_code,
        structured.unit_code,
        true as is_in_province
    from structured
    where structured.region_code not in (select belonging.region_code from belonging)
    union all
    select
        region.region_code,
        region.region_code as unit_code,
        false as is_in_province
    from region
    where
        region.region_code not in (select belonging.region_code from belonging)
        and region.region_code not in (select structured.region_code from structured)
),

final as (
    select
        region_code,
        unit_code,
        is_in_province,
        is_in_province and region_code = unit_code as is_unit
    from unioned
)

select * from final

-- One row per parent region and measure of which all children but its own unit print the measure.
with cell as (
    select * from {{ ref('int_quality__cells') }}
),

region as (
    select * from {{ ref('region') }}
),

child_count as (
    select
        parent_code,
        count(*) as children
    from region
    where region_level = 'province' or is_reporting_unit and region_level <> 'unit'
    group by parent_code
),

summed as (
    select
        cell.series_code,
        region.parent_code,
        cell.scheme_code,
        cell.fund_scope,
        cell.indicator_code,
        cell.period_basis,
        cell.period_end,
        sum(cell.value) as expected_value,
        sum(cell.half_ulp) as half_ulp,
        count(*) filter (where region.region_level <> 'unit') as children
    from cell
    inner join region on cell.region_code = region.region_code
    where
        (region.region_level = 'province' or region.is_reporting_unit)
        and cell.unit in ('yuan', 'persons', 'visits', 'counties')
        and cell.indicator_code <> 'premium_per_capita'
    group by all
),

final as (
    select
        'region_sum' as check_code,
        'region_sum' as rule,
        summed.series_code,
        parent.region_code,
        summed.scheme_code,
        summed.fund_scope,
        summed.indicator_code,
        summed.period_basis,
        summed.period_end,
        parent.unit,
        cast(summed.expected_value as decimal(28, 10)) as expected_value,
        parent.value as found_value,
        cast(summed.half_ulp + parent.half_ulp as decimal(28, 10)) as tolerance,
        '下级地区之和＝上级' as rule_zh,
        'Regions add up to their parent' as rule_en,
        parent._batch_id as batch_id,
        parent._row as record_number
    from summed
    inner join child_count
        on
            summed.parent_code = child_count.parent_code
            and summed.children = child_count.children
    inner join cell as parent
        on
            summed.series_code = parent.series_code
            and summed.parent_code = parent.region_code
            and summed.scheme_code = parent.scheme_code
            and summed.fund_scope = parent.fund_scope
            and summed.indicator_code = parent.indicator_code
            and summed.period_basis = parent.period_basis
            and summed.period_end = parent.period_end
)

select * from final

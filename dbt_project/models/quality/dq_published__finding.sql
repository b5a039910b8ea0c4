-- One row per reconciliation that is not met: expected, found, where it is printed.
with reconciliation as (
    select * from {{ ref('dq_published__reconciliation') }}
),

batch as (
    select * from {{ ref('dim_reference__batch') }}
),

unit_mismatch as (
    select * from {{ ref('int_quality__unit_mismatches') }}
),

region as (
    select * from {{ ref('dim_reference__region') }}
),

worded_unit as (
    select * from {{ ref('int_quality__worded_units') }}
),

worded as (
    select
        reconciliation.*,
        batch.file_name,
        region.region_name,
        region.name_en as region_name_en,
        case when reconciliation.unit = 'ratio' then '个百分点' else worded_unit.name_zh end
            as unit_zh,
        case
            when reconciliation.unit = 'ratio' then 'percentage points' else worded_unit.name_en
        end
            as unit_en,
        {{ shown_number(
            'case when reconciliation.unit in ' ~ "('yuan', 'persons', 'visits')"
            ~ ' then reconciliation.expected_value else round(reconciliation.expected_value, 4) end',
            'worded_unit.display_factor'
        ) }} as expected_shown,
        coalesce(
            reconciliation.found_qualifier,
            {{ shown_number('reconciliation.found_value', 'worded_unit.display_factor') }}
        ) as found_shown,
        {{ shown_number(
            'case when reconciliation.unit in ' ~ "('yuan', 'persons', 'visits')"
            ~ ' then reconciliation.difference else round(reconciliation.difference, 4) end',
            'worded_unit.display_factor'
        ) }} as difference_shown,
        reconciliation.check_code in ('revision', 'other_series') as is_between_sources
    from reconciliation
    inner join batch on reconciliation.batch_id = batch.batch_id
    inner join region on reconciliation.region_code = region.region_code
    left join worded_unit
        on
            reconciliation.unit = worded_unit.unit
            and coalesce(reconciliation.printed_unit, '') = worded_unit.printed_unit
    where not reconciliation.is_met
),

broken as (
    select
        check_code,
        rule,
        series_code,
        region_code,
        scheme_code,
        fund_scope,
        indicator_code,
        period_basis,
        period_end,
        severity,
        unit,
        expected_value,
        found_value,
        found_qualifier,
        difference,
        tolerance,
        batch_id,
        file_name,
        record_number,
        cell,
        concat_ws(
            ' ', region_name, period_end, rule_zh || '：',
            case when is_between_sources then '该来源印为' else '应为' end, expected_shown || '，',
            case when is_between_sources then '公报印为' else '印为' end, found_shown || '，',
            '相差', difference_shown, unit_zh
        ) as message_zh,
        concat_ws(
            ' ', region_name_en, period_end, rule_en || ':',
            case when is_between_sources then 'the source prints' else 'expected' end,
            expected_shown || ',',
            case when is_between_sources then 'the bulletin' else 'found' end, found_shown || ',',
            'difference', difference_shown, unit_en
        ) as message_en
    from worded
),

mismatched as (
    select
        unit_mismatch.* exclude (printed, name_zh, name_en),
        batch.file_name,
        '第 ' || unit_mismatch.record_number || ' 条记录' as cell,
        unit_mismatch.name_zh || ' 印为 ' || unit_mismatch.printed
        || '，单位与该指标不符，未作为指标值' as message_zh,
        unit_mismatch.name_en || ' is printed as ' || unit_mismatch.printed
        || ': the unit does not suit it, so it is no indicator value' as message_en
    from unit_mismatch
    inner join batch on unit_mismatch.batch_id = batch.batch_id
),

final as (
    select * from broken
    union all by name
    select * from mismatched
)

select * from final

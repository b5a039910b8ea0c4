-- One row per printed cell of a published statement: its meaning, value and place.
with cell as (
    select * from {{ ref('stg_statement__cell') }}
),

broken as (
    select
        batch_id,
        record_number,
        min(rule) as broken_rule
    from {{ ref('int_statement__identities') }}
    where abs(expected_value - found_value) > tolerance
    group by batch_id, record_number
),

final as (
    select
        cell.statement_code,
        cell.sheet,
        cell.cell,
        cell.region_code,
        cell.region_name,
        cell.scheme_code,
        cell.fund_scope,
        cell.item,
        cell.period_basis,
        cell.period_start,
        cell.period_end,
        cell.report_status,
        cell.figure_kind,
        cell.value,
        cell.unit,
        cell.printed_value,
        cell.printed_unit,
        cell.note_mark,
        cell.label,
        cell.total_of is not null as is_total,
        cell.is_of_which,
        cell.item in ('income.upper_level_subsidy', 'expenditure.remit_to_upper')
            as is_between_levels,
        case when broken.batch_id is not null then 'identity_broken' else 'ok' end as quality_flag,
        broken.broken_rule,
        cell.template,
        cell.source_title,
        cell.publisher,
        cell.reliability,
        cell.known_on,
        cell.file_name,
        cell._batch_id as batch_id,
        cell._row as record_number
    from cell
    left join broken
        on cell._batch_id = broken.batch_id and cell._row = broken.record_number
    where cell.is_newest
)

select * from final

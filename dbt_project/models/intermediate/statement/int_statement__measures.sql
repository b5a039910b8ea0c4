-- One row per cell of a statement that measures a registered metric, in every delivery.
with cell as (
    select * from {{ ref('stg_statement__cell') }}
),

mapping as (
    select * from {{ ref('published_mapping') }}
),

broken as (
    select
        batch_id,
        record_number
    from {{ ref('int_statement__identities') }}
    where abs(expected_value - found_value) > tolerance
    group by batch_id, record_number
),

final as (
    select
        case
            when mapping.metric_key = 'payable_months_total' and cell.fund_scope = 'pool'
                then 'payable_months_pool'
            else mapping.metric_key
        end as metric_key,
        mapping.variant,
        cell.region_code,
        cell.scheme_code,
        cell.fund_scope,
        cell.period_basis,
        cell.period_start,
        cell.period_end,
        cell.known_on,
        'statement' as series_code,
        cell.statement_code || ' ' || cell.sheet || '!' || cell.cell as source_id,
        cast(cell.value as decimal(28, 10)) as number,
        cast(cell.half_ulp as decimal(28, 10)) as half_ulp,
        'none' as bound,
        cell.printed_value,
        cell.printed_unit as printed_unit_zh,
        cell.unit,
        '' as printed_qualifier,
        cell.report_status as stated_status,
        broken.batch_id is not null as is_broken,
        false as is_contested,
        cell._batch_id,
        cell._row
    from cell
    inner join mapping
        on
            mapping.series_code = 'statement'
            and cell.item = mapping.indicator_code
            and cell.scheme_code = mapping.scheme_code
    left join broken
        on cell._batch_id = broken.batch_id and cell._row = broken.record_number
    where
        cell.value is not null
        and cell.period_basis <> 'range'
        and cell.figure_kind = 'actual'
)

select * from final

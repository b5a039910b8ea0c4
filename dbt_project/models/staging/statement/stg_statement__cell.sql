-- One row per printed cell of a statement and delivery date: the newest reading of that day.
with statement_cell as (
    select * from {{ source('raw', 'statement_cell') }}
),

batch as (
    select * from {{ ref('stg_published__batch') }}
),

versions as (
    select
        statement_cell.*,
        batch.known_on,
        batch.file_name,
        dense_rank() over (
            partition by statement_cell.statement_code, batch.known_on
            order by batch._ingested_at desc, batch.batch_id
        ) as reading_of_day,
        dense_rank() over (
            partition by statement_cell.statement_code
            order by batch.known_on desc, batch._ingested_at desc, batch.batch_id
        ) as reading
    from statement_cell
    inner join batch on statement_cell._batch_id = batch.batch_id
    where statement_cell.period_end <= batch.data_to
),

final as (
    select
        statement_code,
        sheet,
        cell,
        template,
        label,
        region_code,
        region_name,
        region_parent,
        scheme_code,
        fund_scope,
        item,
        total_of,
        is_of_which = 'true' as is_of_which,
        period_basis,
        period_start,
        period_end,
        report_status,
        coalesce(figure_kind, 'actual') as figure_kind,
        note_mark,
        printed_value,
        printed_unit,
        base_unit as unit,
        value,
        half_ulp,
        source_title,
        publisher,
        reliability,
        known_on,
        file_name,
        reading = 1 as is_newest,
        _batch_id,
        _row
    from versions
    where reading_of_day = 1
)

select * from final

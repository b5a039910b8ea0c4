-- One row per figure printed in a source document.
with final as (
    select
        figure_id,
        document,
        region,
        subject,
        indicator,
        indicator_cn,
        period,
        printed_value as value,
        printed_unit as unit,
        value_normalised,
        unit as base_unit,
        qualifier,
        bound,
        quote,
        note,
        role,
        metric_key,
        region_code,
        scheme_code,
        period_basis,
        period_start,
        period_end,
        reading_note,
        known_on,
        _batch_id as batch_id,
        _row as record_number
    from {{ ref('stg_published__figure') }}
    where is_newest
)

select * from final

-- One row per printed cell of a published series and delivery date.
with final as (
    select
        _batch_id as batch_id,
        _row as record_number,
        series_code,
        region_code,
        region_name,
        scheme_code,
        fund_scope,
        indicator_code,
        indicator_name,
        period_basis,
        period_start,
        period_end,
        printed_value,
        printed_unit_zh as printed_unit,
        value,
        unit,
        bound,
        quote,
        note,
        source_id,
        source_title,
        publisher,
        source_kind,
        reliability,
        source_url,
        known_on
    from {{ ref('stg_published__statistic') }}
)

select * from final

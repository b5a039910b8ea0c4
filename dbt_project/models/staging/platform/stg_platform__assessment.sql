-- One row per county, year and item of the assessment of fund management, as last delivered.
with newest as (
    {{ newest_rows('county_assessment', ['admdvs', 'year', 'item']) }}
),

final as (
    select
        admdvs as region_code,
        year as assessment_year,
        item as item_name,
        score,
        weight,
        known_on,
        data_origin,
        _batch_id,
        _row
    from newest
)

select * from final

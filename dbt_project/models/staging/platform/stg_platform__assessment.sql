-- One row per reporting unit, year and item of the assessment of fund management, newest delivery.
with newest as (
    {{ newest_rows('county_assessment', ['admdvs', 'year', 'item']) }}
),

region as (
    select * from {{ ref('stg_reference__region') }}
),

final as (
    select
        newest.admdvs as region_code,
        year as assessment_year,
        item as item_name,
        score,
        weight,
        known_on,
        data_origin,
        _batch_id,
        _row
    from newest
    inner join region on newest.admdvs = region.region_code and region.is_unit
)

select * from final

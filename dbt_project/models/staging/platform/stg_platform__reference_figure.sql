-- One row per region but districts, year, figure and caliber of population and economy, newest.
with newest as (
    {{ newest_rows('reference_figure', ['admdvs', 'year', 'indicator', 'caliber'], 'revised_on') }}
),

region as (
    select * from {{ ref('stg_reference__region') }}
),

final as (
    select
        newest.admdvs as region_code,
        year as figure_year,
        indicator as indicator_code,
        caliber as caliber_name,
        value as number,
        unit as printed_unit,
        known_on,
        data_origin,
        _batch_id,
        _row
    from newest
    left join region on newest.admdvs = region.region_code
    -- population and economy of the province's code are the whole province's
    where
        region.is_unit
        or newest.admdvs = '460000'
        or not coalesce(region.is_in_province, false)
)

select * from final

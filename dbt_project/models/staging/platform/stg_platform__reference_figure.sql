-- One row per region, year, figure and caliber of the population and economy, newest revision.
with newest as (
    {{ newest_rows('reference_figure', ['admdvs', 'year', 'indicator', 'caliber'], 'revised_on') }}
),

final as (
    select
        admdvs as region_code,
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
)

select * from final

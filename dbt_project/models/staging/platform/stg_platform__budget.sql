-- One row per reporting unit, fund, subject, year and version of the fund budget, newest delivery.
with newest as (
    {{
        newest_rows(
            'fund_budget', ['admdvs', 'fund_code', 'subject_code', 'year', 'budget_version']
        )
    }}
),

region as (
    select * from {{ ref('stg_reference__region') }}
),

placed as (
    select
        newest.*,
        region.unit_code
    from newest
    inner join region on newest.admdvs = region.region_code and region.is_in_province
    -- as in the ledger: a city's own figure holds its districts
    qualify
        region.is_unit
        or not bool_or(region.is_unit) over (
            partition by
                region.unit_code,
                newest.fund_code,
                newest.subject_code,
                newest.year,
                newest.budget_version
        )
),

final as (
    select
        unit_code as region_code,
        fund_code,
        subject_code,
        make_date(year, 1, 1) as budget_year_start,
        budget_version,
        case budget_type when '原预算' then 'original' when '调整' then 'adjusted' else 'final' end
            as budget_type,
        cast(sum(amount_yuan) over unit as decimal(18, 2)) as amount_yuan,
        max(approved_date) over unit as approved_date,
        max(known_on) over unit as known_on,
        data_origin,
        _batch_id,
        _row
    from placed
    window
        unit as (
            partition by unit_code, fund_code, subject_code, year, budget_version, data_origin
        )
    qualify row_number() over (
        partition by unit_code, fund_code, subject_code, year, budget_version, data_origin
        order by _batch_id desc, _row desc
    ) = 1
)

select * from final

-- One row per region, fund, subject, year and version of the fund budget, as last delivered.
with newest as (
    {{
        newest_rows(
            'fund_budget', ['admdvs', 'fund_code', 'subject_code', 'year', 'budget_version']
        )
    }}
),

final as (
    select
        admdvs as region_code,
        fund_code,
        subject_code,
        make_date(year, 1, 1) as budget_year_start,
        budget_version,
        case budget_type when '原预算' then 'original' when '调整' then 'adjusted' else 'final' end
            as budget_type,
        amount_yuan,
        approved_date,
        known_on,
        data_origin,
        _batch_id,
        _row
    from newest
)

select * from final

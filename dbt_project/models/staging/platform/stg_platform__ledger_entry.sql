-- One row per reporting unit, fund, subject, month and kind of report of the ledger, as last sent.
with newest as (
    {{
        newest_rows(
            'fund_ledger', ['admdvs', 'fund_code', 'subject_code', 'ym', 'ledger_version']
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
    -- what a city books itself holds its districts; without it, they add up to the city
    qualify
        region.is_unit
        or not bool_or(region.is_unit) over (
            partition by
                region.unit_code,
                newest.fund_code,
                newest.subject_code,
                newest.ym,
                newest.ledger_version
        )
),

final as (
    select
        unit_code as region_code,
        fund_code,
        subject_code,
        {{ first_of_month('ym') }} as account_month,
        case ledger_version when '决算' then 'final' else 'preliminary' end as report_status,
        case ledger_version when '决算' then 1 when '月报' then 2 else 3 end as version_rank,
        cast(sum(amount_yuan) over unit as decimal(18, 2)) as amount_yuan,
        cast(sum(ytd_amount_yuan) over unit as decimal(18, 2)) as ytd_amount_yuan,
        cast(sum(opening) over unit as decimal(18, 2)) as opening_yuan,
        cast(coalesce(sum(adjust) over unit, 0) as decimal(18, 2)) as adjustment_yuan,
        max(adjust_note) over unit as adjustment_reason,
        cast(sum(closing) over unit as decimal(18, 2)) as closing_yuan,
        max(known_on) over unit as known_on,
        data_origin,
        _batch_id,
        _row
    from placed
    window
        unit as (
            partition by unit_code, fund_code, subject_code, ym, ledger_version, data_origin
        )
    qualify row_number() over (
        partition by unit_code, fund_code, subject_code, ym, ledger_version, data_origin
        order by _batch_id desc, _row desc
    ) = 1
)

select * from final

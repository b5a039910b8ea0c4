-- One row per cell of spending in two periods a year apart, with the totals they are parts of.
with cell as (
    select * from {{ ref('int_benefit__spending_cells') }}
),

insured as (
    select
        period_basis,
        period_end,
        region_code,
        scheme_code,
        data_origin,
        sum(insured_persons) as insured_persons
    from {{ ref('int_benefit__exposures') }}
    group by period_basis, period_end, region_code, scheme_code, data_origin
),

total as (
    select
        cell.period_basis,
        cell.period_end,
        cell.region_code,
        cell.scheme_code,
        cell.data_origin,
        max(insured.insured_persons) as insured_persons,
        sum(cell.visits) as visits,
        max(cell.known_on) as known_on
    from cell
    inner join insured
        on
            cell.period_basis = insured.period_basis
            and cell.period_end = insured.period_end
            and cell.region_code = insured.region_code
            and cell.scheme_code = insured.scheme_code
            and cell.data_origin = insured.data_origin
    group by
        cell.period_basis,
        cell.period_end,
        cell.region_code,
        cell.scheme_code,
        cell.data_origin
),

period as (
    select
        present.*,
        past.period_end as past_end,
        past.insured_persons as past_insured,
        past.visits as past_total_visits
    from total as present
    inner join total as past
        on
            present.period_basis = past.period_basis
            and present.region_code = past.region_code
            and present.scheme_code = past.scheme_code
            and present.data_origin = past.data_origin
            and {{ same_period_last_year('present.period_end', 'past.period_end') }}
    where present.visits > 0 and past.visits > 0
),

final as (
    select
        period.period_basis,
        period.period_end,
        period.region_code,
        period.scheme_code,
        period.data_origin,
        cell.service_code,
        cell.level_code,
        cell.age_band_code,
        max(period.insured_persons) as insured_persons,
        max(period.past_insured) as past_insured,
        max(period.visits) as total_visits,
        max(period.past_total_visits) as past_total_visits,
        sum(case when cell.period_end = period.period_end then cell.visits else 0 end) as visits,
        sum(case when cell.period_end = period.past_end then cell.visits else 0 end)
            as past_visits,
        sum(case when cell.period_end = period.period_end then cell.fee_yuan else 0 end)
            as fee_yuan,
        sum(case when cell.period_end = period.past_end then cell.fee_yuan else 0 end)
            as past_fee_yuan,
        sum(case when cell.period_end = period.period_end then cell.fund_yuan else 0 end)
            as fund_yuan,
        sum(case when cell.period_end = period.past_end then cell.fund_yuan else 0 end)
            as past_fund_yuan,
        max(period.known_on) as known_on
    from period
    inner join cell
        on
            period.period_basis = cell.period_basis
            and period.region_code = cell.region_code
            and period.scheme_code = cell.scheme_code
            and period.data_origin = cell.data_origin
            and cell.period_end in (period.period_end, period.past_end)
    group by
        period.period_basis,
        period.period_end,
        period.region_code,
        period.scheme_code,
        period.data_origin,
        cell.service_code,
        cell.level_code,
        cell.age_band_code
)

select * from final

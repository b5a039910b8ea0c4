-- One row per month, region, scheme, service, level, area, owner, aid, payment, age band and sex.
with cell as (
    select * from {{ ref('int_benefit__cells') }}
),

calendar as (
    select * from {{ ref('int_calendar__months') }}
),

final as (
    select
        calendar.month_end,
        cell.region_code,
        cell.scheme_code,
        cell.service_code,
        cell.level_code,
        cell.area_code,
        cell.ownership_code,
        cell.is_primary_care,
        cell.is_assisted,
        cell.is_key_assisted,
        cell.is_lifted,
        cell.payment_method,
        cell.age_band_code,
        cell.sex_code,
        cell.data_origin,
        cell.visits,
        cell.adjustment_visits,
        cell.stay_days,
        cell.serious_illness_visits,
        cell.large_sum_visits,
        cell.assistance_visits,
        cell.family_account_visits,
        cell.pool_outpatient_visits,
        {% for name in visits_with() -%}
            cell.{{ name }},
        {% endfor -%}
        cell.pool_outpatient_yuan,
        cell.pool_outpatient_scope_yuan,
        {% for amount in benefit_amounts() -%}
            cell.{{ amount }},
        {% endfor -%}
        cell.known_on
    from cell
    inner join calendar on cell.month_start = calendar.month_start
)

select * from final

-- One row per stay with its group, its place among the group's cases and what followed.
with stay as (
    select * from {{ ref('int_benefit__stays') }}
),

grouped as (
    select * from {{ ref('stg_platform__grouping') }}
),

readmission as (
    select * from {{ ref('int_benefit__readmissions') }}
),

parameter as (
    select
        parameter_year,
        {{ parameter_columns(['high_multiple', 'low_multiple']) }}
    from {{ ref('int_calendar__parameters') }}
    group by parameter_year
),

horizon as (
    select max(month_end) as last_date from {{ ref('int_calendar__months') }}
),

joined as (
    select
        stay.*,
        {{ days_of_stay('stay.admitted_date', 'stay.discharged_date') }} as stay_days,
        last_day(stay.discharged_date) as month_end,
        grouped.settlement_id is not null as has_list,
        coalesce(grouped.group_kind in ('DRG', 'DIP', '单病种', '床日'), false) as is_grouped,
        coalesce(grouped.is_paid_by_group, false) as is_paid_by_group,
        grouped.group_code,
        grouped.group_weight,
        grouped.standard_yuan,
        readmission.readmission_gap_days,
        readmission.split_gap_days,
        {{ days_between('stay.discharged_date', 'horizon.last_date') }} as followed_days,
        greatest(stay.known_on, coalesce(grouped.known_on, stay.known_on)) as last_known_on
    from stay
    cross join horizon
    left join grouped on stay.settlement_id = grouped.settlement_id
    left join readmission on stay.settlement_id = readmission.settlement_id
),

group_year as (
    select
        group_code,
        year(month_end) as group_year,
        data_origin,
        count(*) as cases,
        sum(fee_yuan) as fee_yuan,
        sum(stay_days) as stay_days,
        {{
            ratio(
                'sum(sum(fee_yuan)) over (partition by year(month_end), data_origin)',
                'sum(count(*)) over (partition by year(month_end), data_origin)',
            )
        }} as year_mean_yuan
    from joined
    where is_grouped
    group by group_code, year(month_end), data_origin
),

final as (
    select
        joined.*,
        parameter.high_multiple,
        parameter.low_multiple,
        group_year.year_mean_yuan,
        case
            when joined.is_grouped
                then {{ ratio('joined.fee_yuan * group_year.cases', 'group_year.fee_yuan') }}
        end as relative_fee,
        case
            when joined.is_grouped
                then {{ ratio('joined.stay_days * group_year.cases', 'group_year.stay_days') }}
        end as relative_days
    from joined
    left join group_year
        on
            joined.group_code = group_year.group_code
            and year(joined.month_end) = group_year.group_year
            and joined.data_origin = group_year.data_origin
            and joined.is_grouped
    left join parameter on year(joined.month_end) = parameter.parameter_year
)

select * from final

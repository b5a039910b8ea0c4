-- One row per period, region, scheme and stratum of age and sex: stays, insured and the standard.
with exposure as (
    select * from {{ ref('int_benefit__exposures') }}
    where age_band_code <> 'unknown'
),

span as (
    select * from {{ ref('int_calendar__spans') }}
    where period_basis in ('year', 't12')
),

stays as (
    select
        span.period_basis,
        span.period_end,
        case when grouping(cell.region_code) = 1 then '460000' else cell.region_code end
            as region_code,
        cell.scheme_code,
        cell.age_band_code,
        cell.sex_code,
        cell.data_origin,
        sum(cell.visits) as stays,
        max(cell.known_on) as known_on
    from {{ ref('fct_benefit__month') }} as cell
    inner join span on cell.month_end = span.month_end and cell.data_origin = span.data_origin
    where cell.service_code in ('ip', 'maternity_ip')
    group by
        span.period_basis,
        span.period_end,
        cell.scheme_code,
        cell.age_band_code,
        cell.sex_code,
        cell.data_origin,
        grouping sets ((cell.region_code), ())
),

joined as (
    select
        exposure.*,
        coalesce(stays.stays, 0) as stays,
        greatest(exposure.known_on, coalesce(stays.known_on, exposure.known_on)) as last_known_on
    from exposure
    left join stays
        on
            exposure.period_basis = stays.period_basis
            and exposure.period_end = stays.period_end
            and exposure.region_code = stays.region_code
            and exposure.scheme_code = stays.scheme_code
            and exposure.age_band_code = stays.age_band_code
            and exposure.sex_code = stays.sex_code
            and exposure.data_origin = stays.data_origin
),

grouped as (
    select
        *,
        'band' as age_grouping,
        age_band_code as age_code
    from joined
    union all
    select
        *,
        'broad' as age_grouping,
        case
            when age_band_code < '15' then '00-14'
            when age_band_code < '45' then '15-44'
            when age_band_code < '65' then '45-64'
            else '65+'
        end as age_code
    from joined
),

final as (
    select
        period_basis,
        period_end,
        region_code,
        scheme_code,
        age_grouping,
        age_code,
        sex_code,
        data_origin,
        cast(sum(stays) as bigint) as stays,
        cast(sum(insured_persons) as decimal(20, 10)) as insured_persons,
        max(last_known_on) as known_on
    from grouped
    group by
        period_basis,
        period_end,
        region_code,
        scheme_code,
        age_grouping,
        age_code,
        sex_code,
        data_origin
)

select * from final

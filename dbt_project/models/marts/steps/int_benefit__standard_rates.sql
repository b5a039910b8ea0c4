-- One row per period, region, scheme, kind of age group and stratum: rate, weight and expectation.
with stratum as (
    select * from {{ ref('int_benefit__strata') }}
),

standard as (
    select
        *,
        sum(insured_persons) over (
            partition by period_basis, period_end, scheme_code, age_grouping, data_origin
        ) as all_persons
    from stratum
    where region_code = '460000' and insured_persons > 0
),

place as (
    select
        period_basis,
        period_end,
        region_code,
        scheme_code,
        age_grouping,
        data_origin,
        max(known_on) as known_on
    from stratum
    group by period_basis, period_end, region_code, scheme_code, age_grouping, data_origin
),

final as (
    select
        place.period_basis,
        place.period_end,
        place.region_code,
        place.scheme_code,
        place.age_grouping,
        standard.age_code,
        standard.sex_code,
        place.data_origin,
        coalesce(stratum.stays, 0) as stays,
        coalesce(stratum.insured_persons, 0) as insured_persons,
        cast(standard.insured_persons as double) / standard.all_persons as weight,
        cast(standard.stays as double) / standard.insured_persons as standard_rate,
        case
            when coalesce(stratum.insured_persons, 0) > 0
                then cast(stratum.stays as double) / stratum.insured_persons
            else cast(standard.stays as double) / standard.insured_persons
        end as stratum_rate,
        cast(standard.stays as double) / standard.insured_persons
        * coalesce(stratum.insured_persons, 0) as expected_stays,
        place.known_on
    from place
    inner join standard
        on
            place.period_basis = standard.period_basis
            and place.period_end = standard.period_end
            and place.scheme_code = standard.scheme_code
            and place.age_grouping = standard.age_grouping
            and place.data_origin = standard.data_origin
    left join stratum
        on
            place.period_basis = stratum.period_basis
            and place.period_end = stratum.period_end
            and place.region_code = stratum.region_code
            and place.scheme_code = stratum.scheme_code
            and place.age_grouping = stratum.age_grouping
            and standard.age_code = stratum.age_code
            and standard.sex_code = stratum.sex_code
            and place.data_origin = stratum.data_origin
)

select * from final

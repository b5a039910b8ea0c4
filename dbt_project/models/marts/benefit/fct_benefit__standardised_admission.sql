-- One row per period, region and scheme: admission rate, crude and standardised by age and sex.
with rate as (
    select * from {{ ref('int_benefit__standard_rates') }}
),

dispersion as (
    select
        period_basis,
        period_end,
        scheme_code,
        age_grouping,
        data_origin,
        greatest(
            1,
            coalesce(
                sum(cast(power(stays - expected_stays, 2) / expected_stays as decimal(28, 10)))
                / nullif(count(*) - count(distinct age_code || sex_code), 0), 1
            )
        ) as overdispersion
    from rate
    where region_code <> '460000' and expected_stays > 0
    group by period_basis, period_end, scheme_code, age_grouping, data_origin
),

summed as (
    select
        rate.period_basis,
        rate.period_end,
        rate.region_code,
        rate.scheme_code,
        rate.age_grouping,
        rate.data_origin,
        cast(sum(rate.stays) as bigint) as stay_cnt,
        sum(rate.insured_persons) as insured_persons,
        min(case when rate.insured_persons > 0 then rate.stays end) as smallest_stays,
        sum(cast(rate.weight * rate.stratum_rate as decimal(28, 18))) as standardised,
        sum(
            cast(
                power(rate.weight / nullif(rate.insured_persons, 0), 2) * rate.stays
                as decimal(28, 18)
            )
        ) * cast(max(dispersion.overdispersion) as decimal(10, 4)) as variance,
        max(rate.weight / nullif(rate.insured_persons, 0)) as largest_weight,
        cast(max(dispersion.overdispersion) as decimal(20, 10)) as overdispersion,
        max(rate.known_on) as known_on
    from rate
    inner join dispersion
        on
            rate.period_basis = dispersion.period_basis
            and rate.period_end = dispersion.period_end
            and rate.scheme_code = dispersion.scheme_code
            and rate.age_grouping = dispersion.age_grouping
            and rate.data_origin = dispersion.data_origin
    group by
        rate.period_basis,
        rate.period_end,
        rate.region_code,
        rate.scheme_code,
        rate.age_grouping,
        rate.data_origin
),

ranked as (
    select
        *,
        cast(standardised as double) as y,
        cast(variance as double) as v,
        row_number() over (
            partition by period_basis, period_end, region_code, scheme_code, data_origin
            order by
                case when age_grouping = 'band' and smallest_stays >= 5 then 0 else 1 end,
                age_grouping desc
        ) as precedence
    from summed
    where insured_persons > 0
),

final as (
    select
        period_basis,
        period_end,
        region_code,
        scheme_code,
        data_origin,
        age_grouping as age_grouping_code,
        stay_cnt,
        cast(insured_persons as decimal(20, 10)) as insured_persons,
        {{ ratio('stay_cnt', 'insured_persons') }} as crude_rate,
        cast(standardised as decimal(20, 10)) as standardised_rate,
        cast(variance as decimal(28, 16)) as rate_variance,
        overdispersion,
        cast(
            case
                when y > 0 and v > 0
                    then
                        greatest(
                            v / (2 * y)
                            * {{ chi_square_quantile('(2 * y * y / v)', '-1.959964') }}, 0
                        )
                else 0
            end as decimal(20, 10)
        ) as ci_lower_rate,
        cast(
            (v + power(largest_weight, 2)) / (2 * (y + largest_weight))
            * {{ chi_square_quantile(
                '(2 * power(y + largest_weight, 2) / (v + power(largest_weight, 2)))', '1.959964'
            ) }} as decimal(20, 10)
        ) as ci_upper_rate,
        smallest_stays < 5 as is_small,
        known_on
    from ranked
    where precedence = 1
)

select * from final

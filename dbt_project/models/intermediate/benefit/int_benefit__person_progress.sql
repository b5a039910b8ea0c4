-- One row per person, benefit year, region, scheme and month: what the year adds up to by then.
with person_keyed as (
    select * from {{ ref('int_benefit__person_keyed') }}
    where scheme_code in ('employee', 'resident')
),

parameter as (
    select * from {{ ref('benefit_parameter') }}
),

smallest as (
    select min(value) as smallest_yuan
    from parameter
    where parameter_key in ('high_cost_1', 'serious_illness_deductible')
),

keyed as (
    select
        psn_key,
        benefit_year,
        counted_month,
        region_code,
        scheme_code,
        data_origin,
        sum(inpatient_visits) as inpatient_visits,
        {% for amount in progress_amounts() -%}
            sum({{ amount }}) as {{ amount }},
        {% endfor -%}
        max(known_on) as known_on
    from person_keyed
    group by psn_key, benefit_year, counted_month, region_code, scheme_code, data_origin
),

relevant as (
    select
        keyed.psn_key,
        keyed.benefit_year
    from keyed
    cross join smallest
    group by keyed.psn_key, keyed.benefit_year
    having
        sum(abs(keyed.inpatient_visits)) > 0
        or sum(abs(keyed.serious_illness_yuan)) > 0
        or sum(abs(keyed.assistance_yuan)) > 0
        or sum(abs(keyed.two_disease_yuan)) > 0
        or sum(keyed.fee_yuan) >= max(smallest.smallest_yuan)
),

placed as (
    select
        keyed.psn_key,
        keyed.benefit_year,
        keyed.counted_month,
        keyed.data_origin,
        case when grouping(keyed.region_code) = 1 then '460000' else keyed.region_code end
            as region_code,
        case when grouping(keyed.scheme_code) = 1 then 'all' else keyed.scheme_code end
            as scheme_code,
        sum(keyed.inpatient_visits) as inpatient_visits,
        {% for amount in progress_amounts() -%}
            sum(keyed.{{ amount }}) as {{ amount }},
        {% endfor -%}
        max(keyed.known_on) as known_on
    from keyed
    inner join relevant
        on keyed.psn_key = relevant.psn_key and keyed.benefit_year = relevant.benefit_year
    group by
        keyed.psn_key,
        keyed.benefit_year,
        keyed.counted_month,
        keyed.data_origin,
        grouping sets (
            (keyed.region_code, keyed.scheme_code), (keyed.region_code), (keyed.scheme_code), ()
        )
),

final as (
    select
        psn_key,
        benefit_year,
        counted_month,
        region_code,
        scheme_code,
        data_origin,
        cast(sum(inpatient_visits) over so_far as bigint) as inpatient_visits,
        {% for amount in progress_amounts() -%}
            cast(sum({{ amount }}) over so_far as decimal(24, 2)) as {{ amount }},
        {% endfor -%}
        known_on
    from placed
    window so_far as (
        partition by psn_key, benefit_year, region_code, scheme_code, data_origin
        order by counted_month
        rows between unbounded preceding and current row
    )
)

select * from final

-- One row per period, region and scheme: growth of fund payments over a year before, by cause.
with pair as (
    select
        *,
        least(visits, past_visits, fee_yuan, past_fee_yuan, fund_yuan, past_fund_yuan) > 0
            as is_lasting
    from {{ ref('int_benefit__spending_pairs') }}
),

weighed as (
    select
        *,
        case
            when not is_lasting then 0
            when fund_yuan = past_fund_yuan then cast(fund_yuan as double)
            else
                cast(fund_yuan - past_fund_yuan as double)
                / ln(cast(fund_yuan as double) / cast(past_fund_yuan as double))
        end as log_mean
    from pair
),

effect as (
    select
        *,
        case
            when is_lasting
                then log_mean * ln({{ growth_of('insured_persons', 'past_insured') }})
            else 0
        end as persons_effect,
        case
            when is_lasting
                then
                    log_mean * (
                        ln({{ growth_of('total_visits', 'past_total_visits') }})
                        - ln({{ growth_of('insured_persons', 'past_insured') }})
                    )
            else 0
        end as use_effect,
        case
            when is_lasting
                then
                    log_mean * (
                        ln({{ growth_of('visits', 'past_visits') }})
                        - ln({{ growth_of('total_visits', 'past_total_visits') }})
                    )
            else 0
        end as structure_effect,
        case
            when is_lasting
                then
                    log_mean * (
                        ln({{ growth_of('fee_yuan', 'past_fee_yuan') }})
                        - ln({{ growth_of('visits', 'past_visits') }})
                    )
            else 0
        end as unit_cost_effect,
        case
            when is_lasting
                then
                    log_mean * (
                        ln({{ growth_of('fund_yuan', 'past_fund_yuan') }})
                        - ln({{ growth_of('fee_yuan', 'past_fee_yuan') }})
                    )
            else 0
        end as ratio_effect,
        case when is_lasting then 0 else fund_yuan - past_fund_yuan end as new_effect
    from weighed
),

final as (
    select
        period_basis,
        period_end,
        region_code,
        case when grouping(scheme_code) = 1 then 'all' else scheme_code end as scheme_code,
        data_origin,
        cast(sum(past_fund_yuan) as decimal(24, 2)) as past_fund_yuan,
        cast(sum(fund_yuan) as decimal(24, 2)) as fund_yuan,
        cast(sum(fund_yuan - past_fund_yuan) as decimal(24, 2)) as growth_yuan,
        {% for cause in ['persons', 'use', 'structure', 'unit_cost', 'ratio', 'new'] -%}
            cast(
                sum(cast({{ cause }}_effect as decimal(28, 10))) as decimal(28, 10)
            ) as {{ cause }}_effect_yuan,
        {% endfor -%}
        cast(count(*) as bigint) as cell_cnt,
        cast(sum(case when is_lasting then 0 else 1 end) as bigint) as new_or_ended_cell_cnt,
        max(known_on) as known_on
    from effect
    group by
        period_basis,
        period_end,
        region_code,
        data_origin,
        grouping sets ((scheme_code), ())
)

select * from final

-- One row per term of accrual, scheme and month, the province only.
with accrual as (
    select * from {{ ref('fct_fund__accrual') }}
    where accrual_balance_yuan is not null and accrual_expense_yuan is not null
),

final as (
    {% for key, column in [
        ('accrual_balance', 'accrual_balance_yuan'), ('accrual_expense', 'accrual_expense_yuan')
    ] -%}
        select
            '{{ key }}' as measure_key,
            '460000' as region_code,
            scheme_code,
            'pool' as fund_scope,
            month_end,
            data_origin,
            report_status,
            cast({{ column }} as decimal(38, 10)) as number,
            month_end as basis_date,
            known_on,
            cast(1 as decimal(20, 10)) as coverage
        from accrual
        {% if not loop.last %}
            union all
        {% endif %}
    {%- endfor %}
)

select * from final

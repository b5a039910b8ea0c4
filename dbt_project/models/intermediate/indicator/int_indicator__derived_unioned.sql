-- One row per derived indicator value: the union of the derived ind_ models.
{% set derived_models = [
    'ind_fund__balance',
    'ind_fund__payable_months',
    'ind_fund__growth',
    'ind_fund__growth_adjusted',
    'ind_fund__month',
    'ind_enrolment__point',
    'ind_benefit__year',
] %}
with final as (
    {% for model in derived_models %}
        select {{ indicator_columns() }} from {{ ref(model) }}
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
)

select * from final

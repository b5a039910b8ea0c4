-- One row per derived indicator value: the union of the derived ind_ models; terms hand on flags.
{% set derived_models = [
    'ind_fund__balance',
    'ind_fund__payable_months',
    'ind_fund__growth',
    'ind_fund__growth_adjusted',
    'ind_fund__month',
    'ind_enrolment__point',
    'ind_benefit__year',
] %}
{% set handed_on = ['identity_broken', 'conflicting_sources'] %}
with unioned as (
    {% for model in derived_models %}
        select {{ indicator_columns() }} from {{ ref(model) }}
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

printed as (
    select
        value_key,
        quality_flag
    from {{ ref('ind_published__printed') }}
    where
        {% for flag in handed_on %}
            contains(quality_flag, '{{ flag }}'){% if not loop.last %} or{% endif %}
        {% endfor %}
),

termed as (
    select
        unioned.*,
        concat_ws(';', term_1.quality_flag, term_2.quality_flag, term_3.quality_flag) as term_flags
    from unioned
    left join printed as term_1 on unioned.input_1_key = term_1.value_key
    left join printed as term_2 on unioned.input_2_key = term_2.value_key
    left join printed as term_3 on unioned.input_3_key = term_3.value_key
),

final as (
    select
        * exclude (term_flags)
        replace (
            coalesce(
                nullif(
                    concat_ws(
                        ';',
                        {% for flag in handed_on %}
                            case when contains(term_flags, '{{ flag }}') then '{{ flag }}' end,
                        {% endfor %}
                        nullif(quality_flag, 'ok')
                    ), ''
                ), 'ok'
            ) as quality_flag
        )
    from termed
)

select * from final

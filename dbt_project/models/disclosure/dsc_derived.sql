-- One row per indicator value of the feeds: whether it is shown; what rests on a hidden one is not.
with own as (
    select * from {{ ref('dsc_values') }}
),

growth as (
    select * from {{ ref('ind_feed__growth') }}
),

input as (
    {% for part in ['input_1_key', 'input_2_key', 'input_3_key'] -%}
        select
            value_key,
            {{ part }} as input_key
        from growth
        where {{ part }} is not null
        {% if not loop.last %}
            union all
        {% endif %}
    {%- endfor %}
),

derived as (
    select
        growth.value_key,
        bool_or(coalesce(own.is_hidden, true)) as is_hidden
    from growth
    left join input on growth.value_key = input.value_key
    left join own on input.input_key = own.value_key
    group by growth.value_key
),

final as (
    select
        value_key,
        is_hidden
    from own
    union all
    select
        value_key,
        is_hidden
    from derived
)

select * from final

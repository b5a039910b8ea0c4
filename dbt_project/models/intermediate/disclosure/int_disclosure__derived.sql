-- One row per indicator value that is not shown: hidden itself, or derived from a hidden one.
with hidden as (
    select * from {{ ref('int_disclosure__values') }}
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
        {% if not loop.last %}
            union all
        {% endif %}
    {%- endfor %}
),

derived as (
    select
        input.value_key,
        false as is_small,
        max(hidden.least_count) as least_count
    from input
    inner join hidden on input.input_key = hidden.value_key
    group by input.value_key
),

final as (
    select
        value_key,
        case when bool_or(is_small) then 'small' else 'company' end as disclosure,
        max(least_count) as least_count
    from (
        select * from hidden
        union all
        select * from derived
    ) as either
    group by value_key
)

select * from final

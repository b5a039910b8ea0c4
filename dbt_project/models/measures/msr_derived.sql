-- One row per measure computed of others after summing, region, scheme, scope and month.
with final as (
    {% for part in derived_measures() -%}
        select
            measure_key,
            region_code,
            scheme_code,
            fund_scope,
            month_end,
            data_origin,
            report_status,
            number,
            basis_date,
            known_on,
            coverage
        from {{ ref('msr_' ~ part) }}
        {% if not loop.last %}
            union all
        {% endif %}
    {%- endfor %}
)

select * from final

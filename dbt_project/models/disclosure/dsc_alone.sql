-- One row per measure, scope, origin and year of which a single region with numbers is hidden.
with measure as (
    {% for source in ['month', 'derived'] -%}
        select
            measure_key,
            fund_scope,
            data_origin,
            region_code,
            scheme_code,
            month_end,
            number
        from {{ ref('msr_' ~ source) }}
        {% if not loop.last %}
            union all
        {% endif %}
    {%- endfor %}
),

rule as (
    select * from {{ ref('dsc_rules') }}
    where count_measure is not null
),

judged as (
    select * from {{ ref('dsc_judged') }}
),

region_year as (
    select
        measure_key,
        fund_scope,
        data_origin,
        region_code,
        year(month_end) as disclosure_year,
        bool_or(number <> 0) as is_filled
    from measure
    where region_code <> '460000'
    group by measure_key, fund_scope, data_origin, region_code, year(month_end)
),

-- what the counties leave of the province is never shown, so it hides whoever is hidden with it
left_month as (
    select
        measure_key,
        fund_scope,
        data_origin,
        scheme_code,
        month_end,
        sum(case region_code when '460000' then number else -number end) as number
    from measure
    group by measure_key, fund_scope, data_origin, scheme_code, month_end
    having bool_or(region_code = '460000')
),

left_year as (
    select
        measure_key,
        fund_scope,
        data_origin,
        year(month_end) as disclosure_year
    from left_month
    group by measure_key, fund_scope, data_origin, year(month_end)
    having bool_or(number <> 0)
),

hidden as (
    select
        region_year.measure_key,
        region_year.fund_scope,
        region_year.data_origin,
        region_year.disclosure_year,
        region_year.region_code,
        region_year.is_filled,
        bool_or(coalesce(judged.is_month_hidden, true)) as is_month_hidden,
        bool_or(coalesce(judged.is_year_hidden, true)) as is_year_hidden
    from region_year
    inner join rule on region_year.measure_key = rule.measure_key
    left join judged
        on
            rule.count_measure = judged.count_measure
            and region_year.data_origin = judged.data_origin
            and region_year.region_code = judged.region_code
            and region_year.disclosure_year = judged.disclosure_year
    group by all
),

final as (
    select
        hidden.measure_key,
        hidden.fund_scope,
        hidden.data_origin,
        hidden.disclosure_year,
        count(case when hidden.is_filled and hidden.is_month_hidden then 1 end) = 1
            as is_month_alone,
        count(case when hidden.is_filled and hidden.is_year_hidden then 1 end) = 1 as is_year_alone,
        -- then the sum of the province is its own
        count(case when hidden.is_filled then 1 end) = 1 as is_whole
    from hidden
    left join left_year
        on
            hidden.measure_key = left_year.measure_key
            and hidden.fund_scope = left_year.fund_scope
            and hidden.data_origin = left_year.data_origin
            and hidden.disclosure_year = left_year.disclosure_year
    where left_year.measure_key is null
    group by
        hidden.measure_key, hidden.fund_scope, hidden.data_origin, hidden.disclosure_year
    having is_month_alone or is_year_alone
)

select * from final

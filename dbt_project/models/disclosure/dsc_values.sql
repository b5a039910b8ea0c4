-- One row per indicator value of the feeds: whether a rule lets it be shown; without a rule, no.
with period as (
    select * from {{ ref('ind_feed__period') }}
),

formula as (
    select * from {{ ref('formula') }}
),

rule as (
    select * from {{ ref('dsc_rules') }}
),

ranked as (
    select * from {{ ref('dsc_ranked') }}
),

judged as (
    select * from {{ ref('dsc_judged') }}
),

alone as (
    select * from {{ ref('dsc_alone') }}
),

part as (
    {% for part in ['numerator', 'denominator'] -%}
        select
            metric_key,
            variant,
            fund_scope,
            scheme_set,
            {{ part }}_measure as measure_key,
            {{ "denominator_scope" if part == 'denominator' else "fund_scope" }} as measure_scope
        from formula
        where {{ part }}_measure is not null
        {% if not loop.last %}
            union all
        {% endif %}
    {%- endfor %}
),

counted as (
    select
        period.value_key,
        period.data_origin,
        case
            when period.region_code = '460000' and period.scheme_code = 'all' then 'whole'
            else period.region_code
        end as region_code,
        rule.measure_key is null
        or (rule.is_ranked and ranked.value_key is null) as lacks_rule,
        rule.count_measure,
        part.measure_key,
        part.measure_scope,
        period.period_basis = 'year'
        or (period.period_basis in ('ytd', 't12') and month(period.period_end) = 12)
            as is_whole_year,
        year(period.period_end) as last_year,
        case
            when period.period_basis = 't12' and month(period.period_end) < 12
                then year(period.period_end) - 1
        end as year_before
    from period
    left join part
        on
            period.metric_key = part.metric_key
            and period.variant = part.variant
            and period.fund_scope = part.fund_scope
            and part.scheme_set in ('each_all', period.scheme_code)
    left join rule on part.measure_key = rule.measure_key
    left join ranked on period.value_key = ranked.value_key
),

final as (
    select
        counted.value_key,
        bool_or(
            counted.lacks_rule
            or (
                counted.count_measure is not null
                and (
                    case
                        when last.count_measure is null then true
                        when counted.is_whole_year then last.is_year_hidden
                        else last.is_month_hidden
                    end
                    or coalesce(before.is_month_hidden, false)
                    or coalesce(
                        if(counted.is_whole_year, alone.is_year_alone, alone.is_month_alone)
                        and (alone.is_whole or counted.region_code not in ('460000', 'whole')),
                        false
                    )
                )
            )
        ) as is_hidden
    from counted
    left join judged as last
        on
            counted.count_measure = last.count_measure
            and counted.data_origin = last.data_origin
            and counted.region_code = last.region_code
            and counted.last_year = last.disclosure_year
    left join judged as before
        on
            counted.count_measure = before.count_measure
            and counted.data_origin = before.data_origin
            and counted.region_code = before.region_code
            and counted.year_before = before.disclosure_year
    left join alone
        on
            counted.measure_key = alone.measure_key
            and counted.measure_scope = alone.fund_scope
            and counted.data_origin = alone.data_origin
            and counted.last_year = alone.disclosure_year
    group by counted.value_key
)

select * from final

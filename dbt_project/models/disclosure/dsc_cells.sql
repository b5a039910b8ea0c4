-- One row per count of persons or visits, region, scheme and month that could give a person away.
with counts as (
    select * from {{ ref('dsc_counts') }}
),

rule as (
    select * from {{ ref('dsc_rules') }}
    where measure_key = count_measure
),

contributor as (
    select
        measure_key,
        counted_column
    from {{ ref('dsc_contributors') }}
    group by measure_key, counted_column
),

formula as (
    select * from {{ ref('formula') }}
),

-- of two amounts one is a part of the other where the same column counts their visits
part as (
    select
        numerator.count_measure,
        denominator.count_measure as whole_measure
    from formula
    inner join rule as numerator on formula.numerator_measure = numerator.measure_key
    inner join rule as denominator on formula.denominator_measure = denominator.measure_key
    left join contributor as part_by on numerator.measure_key = part_by.measure_key
    left join contributor as whole_by on denominator.measure_key = whole_by.measure_key
    where
        formula.numerator_span = formula.denominator_span
        and formula.numerator_measure <> formula.denominator_measure
        and part_by.counted_column is not distinct from whole_by.counted_column
    group by numerator.count_measure, denominator.count_measure
    {% for part, whole in nested_counts() -%}
        union
        select
            '{{ part }}' as count_measure,
            '{{ whole }}' as whole_measure
    {% endfor %}
),

-- what the province's own unit has follows from the province less its counties
own_unit as (
    select
        count_measure,
        data_origin,
        'own_unit' as region_code,
        scheme_code,
        month_end,
        max(least_count) as least_count,
        sum(case region_code when '460000' then number else -number end) as number
    from counts
    group by count_measure, data_origin, scheme_code, month_end
    having count(*) > 1 and bool_or(region_code = '460000')
),

own as (
    select
        count_measure,
        data_origin,
        region_code,
        scheme_code,
        month_end,
        least_count,
        'own' as cell_kind,
        number
    from counts
    union all
    select
        count_measure,
        data_origin,
        region_code,
        scheme_code,
        month_end,
        least_count,
        'own' as cell_kind,
        number
    from own_unit
),

remainder as (
    select
        part.count_measure,
        own.data_origin,
        own.region_code,
        own.scheme_code,
        own.month_end,
        own.least_count,
        'less_than_' || part.whole_measure as cell_kind,
        whole.number - own.number as number
    from part
    inner join own on part.count_measure = own.count_measure
    inner join own as whole
        on
            part.whole_measure = whole.count_measure
            and own.data_origin = whole.data_origin
            and own.region_code = whole.region_code
            and own.scheme_code = whole.scheme_code
            and own.month_end = whole.month_end
),

final as (
    select * from own
    union all
    select * from remainder
)

select * from final

-- One row per count of persons or visits, region, scheme and month that could give a person away.
with rule as (
    select * from {{ ref('int_disclosure__rules') }}
    where count_measure is not null
),

measure as (
    select
        measure_key,
        data_origin,
        region_code,
        scheme_code,
        month_end,
        number
    from {{ ref('int_measure__months') }}
    union all
    select
        measure_key,
        data_origin,
        region_code,
        scheme_code,
        month_end,
        number
    from {{ ref('int_measure__uninsured') }}
),

formula as (
    select * from {{ ref('formula') }}
),

counted as (
    select
        count_measure,
        max(least_count) as least_count
    from rule
    group by count_measure
),

part as (
    select
        numerator.count_measure,
        denominator.count_measure as whole_measure
    from formula
    inner join rule as numerator
        on
            formula.numerator_measure = numerator.measure_key
            and numerator.measure_key = numerator.count_measure
    inner join rule as denominator
        on
            formula.denominator_measure = denominator.measure_key
            and denominator.measure_key = denominator.count_measure
    where formula.numerator_span = formula.denominator_span
    group by numerator.count_measure, denominator.count_measure
),

shown as (
    select
        counted.count_measure,
        measure.data_origin,
        measure.region_code,
        measure.scheme_code,
        measure.month_end,
        counted.least_count,
        'own' as cell_kind,
        measure.number
    from counted
    inner join measure on counted.count_measure = measure.measure_key
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
        'own' as cell_kind,
        sum(case region_code when '460000' then number else -number end) as number
    from shown
    group by count_measure, data_origin, scheme_code, month_end
    having count(*) > 1 and bool_or(region_code = '460000')
),

own as (
    select * from shown
    union all
    select * from own_unit
),

remainder as (
    select
        part.count_measure,
        own.data_origin,
        own.region_code,
        own.scheme_code,
        own.month_end,
        counted.least_count,
        'remainder' as cell_kind,
        whole.number - own.number as number
    from part
    inner join counted on part.count_measure = counted.count_measure
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

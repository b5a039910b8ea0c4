-- One row per indicator value of a county that rests on a month held back: it as it is shown.
with period as (
    select * from {{ ref('ind_feed__period') }}
),

formula as (
    select * from {{ ref('formula') }}
),

held as (
    select * from {{ ref('dsc_held') }}
),

span as (
    select
        period_basis,
        period_end,
        month_end
    from {{ ref('int_calendar__spans') }}
    group by period_basis, period_end, month_end
),

measure as (
    select * from {{ ref('msr_period') }}
    where fund_scope = 'all'
),

part as (
    {% for part in ['numerator', 'denominator'] -%}
        select
            metric_key,
            variant,
            fund_scope,
            scheme_set,
            '{{ part }}' as side,
            {{ part }}_measure as measure_key,
            {{ part }}_span as part_span,
            {{ "coalesce(denominator_divisor, 1)" if part == 'denominator' else 1 }} as divisor
        from formula
        where {{ part }}_measure in (select held.measure_key from held)
        {% if not loop.last %}
            union all
        {% endif %}
    {%- endfor %}
),

used as (
    select
        period.value_key,
        period.data_origin,
        period.region_code,
        period.scheme_code,
        period.period_end,
        part.side,
        part.measure_key,
        part.part_span,
        part.divisor,
        case
            when part.part_span = 'closing' or period.period_basis = 'point' then 'month'
            when part.part_span = 't12' then 't12'
            else period.period_basis
        end as span_basis
    from period
    inner join part
        on
            period.metric_key = part.metric_key
            and period.variant = part.variant
            and period.fund_scope = part.fund_scope
            and part.scheme_set in ('each_all', period.scheme_code)
),

offset_side as (
    select
        used.value_key,
        sum(case when used.side = 'numerator' then held.change else 0 end) as numerator_change,
        sum(
            case used.side
                when 'denominator'
                    then {{ part_of(
                        'held.change',
                        "(used.divisor * if(used.part_span = 'mean', measure.months_counted, 1))",
                    ) }}
                else 0
            end
        ) as denominator_change
    from used
    inner join span on used.span_basis = span.period_basis and used.period_end = span.period_end
    inner join held
        on
            used.measure_key = held.measure_key
            and used.data_origin = held.data_origin
            and used.region_code = held.region_code
            and used.scheme_code in ('all', held.scheme_code)
            and span.month_end = held.month_end
    left join measure
        on
            used.measure_key = measure.measure_key
            and used.data_origin = measure.data_origin
            and used.region_code = measure.region_code
            and used.scheme_code = measure.scheme_code
            and used.span_basis = measure.period_basis
            and used.period_end = measure.period_end
    group by used.value_key
),

final as (
    select
        period.value_key,
        cast(period.numerator - offset_side.numerator_change as decimal(28, 10)) as numerator,
        cast(period.denominator - offset_side.denominator_change as decimal(28, 10))
            as denominator
    from period
    inner join offset_side on period.value_key = offset_side.value_key
)

select * from final

{#- The last select of the generic indicator of the feeds: every column of indicator_columns(). A ratio
    without a denominator is no value; a period with missing months says how complete it is. -#}
{% macro feed_indicator(source) -%}
    select
        valued.metric_key,
        valued.variant,
        valued.region_code,
        valued.scheme_code,
        valued.fund_scope,
        valued.period_basis,
        valued.period_start,
        valued.period_end,
        valued.data_origin,
        valued.report_status,
        valued.known_on,
        cast(valued.value as decimal(28, 10)) as value,
        cast(valued.numerator as decimal(28, 10)) as numerator,
        cast(valued.denominator as decimal(28, 10)) as denominator,
        cast(null as decimal(28, 10)) as bound_lower,
        cast(null as decimal(28, 10)) as bound_upper,
        cast(null as varchar) as qualifier,
        cast(valued.completeness as decimal(5, 4)) as completeness,
        valued.quality_flag,
        {{ value_key('valued') }} as value_key,
        cast(null as varchar) as input_1_key,
        cast(null as varchar) as input_2_key,
        cast(null as varchar) as input_3_key
    from (
        select
            metric_key,
            variant,
            region_code,
            measured_scheme as scheme_code,
            fund_scope,
            basis as period_basis,
            case basis when 'point' then period_end else period_start end as period_start,
            period_end,
            data_origin,
            greatest(report_status, coalesce(denominator_status, report_status)) as report_status,
            greatest(known_on, coalesce(denominator_known_on, known_on)) as known_on,
            numerator,
            cast({{ part_of('denominator_sum', 'denominator_parts') }} as decimal(28, 8)) as denominator,
            case
                when denominator_measure is null then cast(numerator as decimal(28, 10))
                else {{ ratio('numerator * denominator_parts', 'denominator_sum') }}
            end as value,
            least(1, completeness, coalesce(denominator_completeness, 1)) as completeness,
            coalesce(
                nullif(
                    concat_ws(
                        ';',
                        case
                            when least(completeness, coalesce(denominator_completeness, 1)) < 1
                                then case own_flag_holds
                                    when 'incomplete' then own_flag
                                    else 'incomplete'
                                end
                        end,
                        case
                            when
                                own_flag_holds = 'always'
                                or (own_flag_holds = 'zero' and numerator = 0)
                                then own_flag
                        end,
                        case
                            when
                                own_flag_holds = 'mid_year' and month(period_end) <> 12
                                then own_flag
                        end,
                        case
                            when
                                is_provisional
                                or (
                                    own_flag_holds = 'before_clearing'
                                    -- the yearly account of clearing ends in June
                                    and make_date(year(period_end) + 1, 6, 30)
                                    > coalesce({{ last_known('clearing') }}, date '1900-01-01')
                                )
                                then 'provisional'
                        end,
                        case when not is_confirmed then 'definition_unstated' end,
                        case when is_bounded and numerator * denominator_parts > denominator_sum
                            then 'above_one'
                        end,
                        case
                            when year(basis_date) < year(period_end) - 1
                                then 'denominator_lagged'
                        end
                    ), ''
                ), 'ok'
            ) as quality_flag
        from {{ source }}
        where
            denominator_measure is null
            or (
                denominator_sum > 0
                and not (denominator_span = 't12' and denominator_completeness < 1)
            )
    ) as valued
    where valued.value is not null
{%- endmacro %}

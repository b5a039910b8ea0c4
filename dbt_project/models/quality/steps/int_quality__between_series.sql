-- One row per measure and period that the bulletin and another source both print.
with unioned_measure as (
    select * from {{ ref('int_published__measures_unioned') }}
),

registry as (
    select * from {{ ref('registry') }}
),

series as (
    select * from {{ ref('series') }}
),

newest as (
    select *
    from unioned_measure
    where bound in ('none', 'approx')
    qualify row_number() over (
        partition by
            series_code, metric_key, variant, region_code, scheme_code, fund_scope, period_basis,
            period_end
        order by known_on desc, precedence, source_id, _batch_id, _row
    ) = 1
),

paired as (
    select
        case when other.report_status = 'preliminary' then 'revision' else 'other_series' end
            as check_code,
        other.series_code,
        final_print.region_code,
        final_print.scheme_code,
        case
            when other.fund_scope = 'unstated' then other.fund_scope else final_print.fund_scope
        end as fund_scope,
        final_print.metric_key,
        final_print.period_basis,
        final_print.period_end,
        other.number as expected_value,
        final_print.number as found_value,
        other.half_ulp + final_print.half_ulp as tolerance,
        final_print._batch_id as batch_id,
        final_print._row as record_number
    from newest as other
    inner join newest as final_print
        on
            other.metric_key = final_print.metric_key
            and other.variant = final_print.variant
            and other.region_code = final_print.region_code
            and other.scheme_code = final_print.scheme_code
            and other.period_basis = final_print.period_basis
            and other.period_end = final_print.period_end
            and (
                other.fund_scope = final_print.fund_scope
                or (other.fund_scope = 'unstated' and final_print.fund_scope = 'total')
            )
    where final_print.series_code = 'annual_bulletin' and other.report_status <> 'final'
),

final as (
    select
        paired.check_code,
        paired.check_code as rule,
        paired.series_code,
        paired.region_code,
        paired.scheme_code,
        paired.fund_scope,
        paired.metric_key as indicator_code,
        paired.period_basis,
        paired.period_end,
        registry.unit,
        paired.expected_value,
        paired.found_value,
        cast(paired.tolerance as decimal(28, 10)) as tolerance,
        registry.name_zh || '：' || series.name_zh || '与公报' as rule_zh,
        registry.name_en || ': ' || series.name_en || ' against the bulletin' as rule_en,
        paired.batch_id,
        paired.record_number
    from paired
    inner join registry on paired.metric_key = registry.metric_key
    inner join series on paired.series_code = series.series_code
)

select * from final

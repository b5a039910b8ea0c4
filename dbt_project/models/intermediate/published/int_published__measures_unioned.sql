-- One row per printed cell or figure that measures a metric, with its source.
with figure as (
    select * from {{ ref('stg_published__figure') }}
),

statistic as (
    select * from {{ ref('stg_published__statistic') }}
),

mapping as (
    select * from {{ ref('published_mapping') }}
),

series as (
    select * from {{ ref('series') }}
),

registry as (
    select * from {{ ref('registry') }}
),

from_statements as (
    select * from {{ ref('int_statement__measures') }}
),

from_figures as (
    select
        figure.metric_key,
        figure.variant,
        figure.region_code,
        figure.scheme_code,
        figure.fund_scope,
        figure.period_basis,
        figure.period_start,
        figure.period_end,
        figure.known_on,
        'document' as series_code,
        figure.figure_id as source_id,
        cast(figure.value_normalised as decimal(28, 10)) as number,
        cast(
            0.5 * figure.unit_factor
            * power(10, -length(coalesce(nullif(split_part(figure.printed_value, '.', 2), ''), '')))
            as decimal(28, 10)
        ) as half_ulp,
        figure.bound,
        figure.printed_value,
        figure.printed_unit as printed_unit_zh,
        figure.unit,
        coalesce(figure.qualifier, '') as printed_qualifier,
        cast(null as varchar) as stated_status,
        false as is_broken,
        false as is_contested,
        figure._batch_id,
        figure._row
    from figure
    where
        figure.metric_key is not null
        and figure.role in ('observation', 'policy')
        and figure.period_end <= figure.data_to
        and figure.period_basis <> 'range'
),

from_statistics as (
    select
        mapping.metric_key,
        mapping.variant,
        statistic.region_code,
        statistic.scheme_code,
        statistic.fund_scope,
        statistic.period_basis,
        statistic.period_start,
        statistic.period_end,
        statistic.known_on,
        statistic.series_code,
        statistic.source_id,
        statistic.value as number,
        statistic.half_ulp,
        statistic.bound,
        statistic.printed_value,
        statistic.printed_unit_zh,
        statistic.unit,
        '' as printed_qualifier,
        cast(null as varchar) as stated_status,
        false as is_broken,
        statistic.is_contested,
        statistic._batch_id,
        statistic._row
    from statistic
    inner join mapping
        on
            statistic.indicator_code = mapping.indicator_code
            and mapping.series_code in ('*', statistic.series_code)
            and mapping.scheme_code in ('*', statistic.scheme_code)
    where statistic.period_basis <> 'range' and statistic.value is not null
),

unioned as (
    select * from from_figures
    union all
    select * from from_statistics
    union all
    select * from from_statements
),

final as (
    select
        unioned.*,
        'published' as data_origin,
        coalesce(unioned.stated_status, series.report_status, 'unstated') as report_status,
        coalesce(series.precedence, 99) as precedence,
        registry.metric_key is null
        or {{ unit_kind('unioned.unit') }} = {{ unit_kind('registry.unit') }} as is_unit_suitable
    from unioned
    left join series on unioned.series_code = series.series_code
    left join registry on unioned.metric_key = registry.metric_key
)

select * from final

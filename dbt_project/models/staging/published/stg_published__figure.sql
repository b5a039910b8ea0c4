-- One row per figure printed in a document and delivery date, with its reading.
with published_figure as (
    select * from {{ source('raw', 'published_figure') }}
),

batch as (
    select * from {{ ref('stg_published__batch') }}
),

reading as (
    select * from {{ ref('figure_reading') }}
),

unit as (
    select * from {{ ref('unit') }}
),

versions as (
    select
        published_figure.*,
        batch.known_on,
        batch.data_to
    from published_figure
    inner join batch on published_figure._batch_id = batch.batch_id
    qualify row_number() over (
        partition by published_figure.figure_id, batch.known_on
        order by batch._ingested_at desc, batch.batch_id
    ) = 1
),

final as (
    select
        versions.figure_id,
        versions.document,
        versions.region,
        versions.subject,
        versions.indicator,
        versions.indicator_cn,
        versions.period,
        versions.value as printed_value,
        versions.unit as printed_unit,
        versions.value_normalised,
        versions.qualifier,
        versions.quote,
        versions.note,
        coalesce(unit.base_unit, 'unknown') as unit,
        cast(unit.factor as decimal(24, 6)) as unit_factor,
        coalesce(reading.role, 'unread') as role,
        reading.region_code,
        reading.scheme_code,
        reading.fund_scope,
        reading.metric_key,
        reading.variant,
        reading.period_basis,
        cast(reading.period_start as date) as period_start,
        cast(reading.period_end as date) as period_end,
        coalesce(reading.bound, 'none') as bound,
        reading.reason as reading_note,
        versions.known_on,
        versions.data_to,
        row_number() over (partition by versions.figure_id order by versions.known_on desc) = 1
            as is_newest,
        versions._batch_id,
        versions._row
    from versions
    left join reading on versions.figure_id = reading.figure_id
    left join unit on versions.unit = unit.printed_unit
)

select * from final

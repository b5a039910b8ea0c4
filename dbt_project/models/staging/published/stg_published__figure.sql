-- One row per figure printed in a document: its newest delivered version, with its reading.
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

newest as (
    select
        published_figure.*,
        batch.known_on,
        batch.data_to
    from published_figure
    inner join batch on published_figure._batch_id = batch.batch_id
    qualify row_number() over (
        partition by published_figure.figure_id
        order by batch.known_on desc, batch._ingested_at desc, batch.batch_id
    ) = 1
),

final as (
    select
        newest.figure_id,
        newest.document,
        newest.region,
        newest.subject,
        newest.indicator,
        newest.indicator_cn,
        newest.period,
        newest.value as printed_value,
        newest.unit as printed_unit,
        newest.value_normalised,
        newest.qualifier,
        newest.quote,
        newest.note,
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
        newest.known_on,
        newest.data_to,
        newest._batch_id,
        newest._row
    from newest
    left join reading on newest.figure_id = reading.figure_id
    left join unit on newest.unit = unit.printed_unit
)

select * from final

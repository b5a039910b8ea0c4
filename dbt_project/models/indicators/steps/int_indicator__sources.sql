-- One row per indicator value: the first record it rests on, in words a reader can follow back.
with value_batch as (
    select * from {{ ref('indicator_value_batch') }}
),

batch as (
    select * from {{ ref('dim_reference__batch') }}
),

series as (
    select * from {{ ref('dim_reference__series') }}
),

first_record as (
    select *
    from value_batch
    qualify row_number() over (
        partition by value_key
        order by (role = 'value') desc, role, series_code, source_id, record_number
    ) = 1
),

final as (
    select
        first_record.value_key,
        first_record.batch_id,
        first_record.record_number,
        batch.file_name,
        coalesce(series.name_zh, first_record.series_code) as source_zh,
        coalesce(series.name_en, first_record.series_code) as source_en
    from first_record
    inner join batch on first_record.batch_id = batch.batch_id
    left join series on first_record.series_code = series.series_code
)

select * from final

-- One row per incremental model and batch of settlements that is not in it as it is now.
with model as (
    {% for name in monthly_sums() -%}
        select '{{ name }}' as model_name
        {{ "union all" if not loop.last }}
    {% endfor %}
),

delivered as (
    select batch_id from {{ source('raw', 'batch') }}
    where feed = 'settlement'
),

visible as (
    select batch_id from {{ ref('stg_published__batch') }}
),

built as (
    select * from {{ source('raw', 'built_batch') }}
),

final as (
    select
        model.model_name,
        delivered.batch_id,
        model.model_name not in (select earlier.model_name from built as earlier) as is_first
    from model
    cross join delivered
    left join visible on delivered.batch_id = visible.batch_id
    left join built
        on model.model_name = built.model_name and delivered.batch_id = built.batch_id
    where
        built.is_stale
        or (visible.batch_id is null and built.batch_id is not null)
        or (visible.batch_id is not null and built.batch_id is null)
)

select * from final

-- One row per incremental model and month that it has to compute anew.
with changed_batch as (
    select * from {{ ref('int_benefit__changed_batches') }}
),

changed_input as (
    select * from {{ ref('int_benefit__changed_inputs') }}
),

settlement as (
    select * from {{ source('raw', 'settlement') }}
),

touched as (
    select * from {{ source('raw', 'touched_month') }}
    where feed = 'settlement'
),

repeated as (
    select key_text from {{ source('raw', 'repeated_key') }}
    where feed = 'settlement'
),

-- what a changed batch holds may give place to, or take it from, any other version of its keys
version as (
    select distinct
        changed_batch.model_name,
        settlement.setl_id
    from settlement
    inner join changed_batch on settlement._batch_id = changed_batch.batch_id
    where
        not changed_batch.is_first
        and settlement.setl_id in (select repeated.key_text from repeated)
),

-- lists of stays that ended in a month of which any list changed
listed as (
    select distinct
        changed_input.model_name,
        settlement_list.setl_id
    from {{ source('raw', 'grouping') }} as settlement_list
    inner join changed_input
        on
            coalesce(
                cast(cast(date_trunc('month', settlement_list.dscg_time) as date) as varchar), ''
            ) = changed_input.row_key
    where changed_input.concerns = 'stay'
),

unioned as (
    select
        changed_batch.model_name,
        touched.month as changed_at
    from touched
    inner join changed_batch on touched.batch_id = changed_batch.batch_id
    union all
    select
        version.model_name,
        settlement.setl_time as changed_at
    from settlement
    inner join version on settlement.setl_id = version.setl_id
    union all
    select
        changed_input.model_name,
        settlement.setl_time as changed_at
    from settlement
    inner join changed_input
        on
            settlement.fixmedins_code = changed_input.row_key
            and settlement.setl_time >= changed_input.changed_from
            and changed_input.concerns = 'institution'
    union all
    select
        changed_input.model_name,
        settlement.setl_time as changed_at
    from settlement
    inner join changed_input
        on settlement.psn_no = changed_input.row_key and changed_input.concerns = 'person'
    union all
    select
        listed.model_name,
        settlement.setl_time as changed_at
    from settlement
    inner join listed on settlement.setl_id = listed.setl_id
    union all
    select
        listed.model_name,
        settlement.setl_time as changed_at
    from settlement
    inner join listed on settlement.init_setl_id = listed.setl_id
    union all
    select
        model_name,
        cast(row_key as date) as changed_at
    from changed_input
    where concerns = 'month'
),

final as (
    select
        model_name,
        cast(date_trunc('month', changed_at) as date) as month_start
    from unioned
    group by model_name, cast(date_trunc('month', changed_at) as date)
)

select * from final

-- One row per incremental model, input and key whose content differs from what it was built from.
with input as (
    select * from {{ ref('int_benefit__inputs') }}
),

built as (
    select * from {{ source('raw', 'built_input') }}
),

-- a model that is built for the first time computes all months
reader as (
    select *
    from (
        {% for model_name, each, concerns in readers_of_inputs() %}
            select
                '{{ model_name }}' as model_name,
                '{{ each }}' as input,
                '{{ concerns }}' as concerns
            {{ "union all" if not loop.last }}
        {% endfor %}
    ) as listed
    where
        listed.model_name in (
            select built_batch.model_name from {{ source('raw', 'built_batch') }} as built_batch
        )
),

wanted as (
    select
        reader.model_name,
        input.*
    from input
    inner join reader on input.input = reader.input
),

compared as (
    select
        coalesce(wanted.model_name, built.model_name) as model_name,
        coalesce(wanted.input, built.input) as input,
        coalesce(wanted.row_key, built.row_key) as row_key,
        coalesce(wanted.valid_from, built.valid_from) as valid_from,
        wanted.content as is_now,
        built.content as was_then
    from wanted
    full outer join built
        on
            wanted.model_name = built.model_name
            and wanted.input = built.input
            and wanted.row_key = built.row_key
            and wanted.valid_from = built.valid_from
),

differing as (
    select distinct
        model_name,
        input,
        row_key
    from compared
    where is_now is distinct from was_then
),

-- on each day at which it changes: what holds now, and what held then
held as (
    select
        compared.model_name,
        compared.input,
        compared.row_key,
        compared.valid_from,
        last_value(compared.is_now ignore nulls) over so_far as is_now,
        last_value(compared.was_then ignore nulls) over so_far as was_then
    from compared
    inner join differing
        on
            compared.model_name = differing.model_name
            and compared.input = differing.input
            and compared.row_key = differing.row_key
    window so_far as (
        partition by compared.model_name, compared.input, compared.row_key
        order by compared.valid_from
        rows between unbounded preceding and current row
    )
),

final as (
    select
        held.model_name,
        held.input,
        held.row_key,
        reader.concerns,
        min(held.valid_from) as changed_from
    from held
    inner join reader on held.model_name = reader.model_name and held.input = reader.input
    where held.is_now is distinct from held.was_then
    group by held.model_name, held.input, held.row_key, reader.concerns
)

select * from final

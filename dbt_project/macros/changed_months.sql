{#- Months to compute anew: those that batches touched which this model has not seen yet, or has seen and no
    longer sees (a build as known on an earlier day); with the months of the settlements that refunds tie to
    those rows, two steps either way (a refund of a refund), and, where the model rests on them, the months of
    rosters whose persons changed and all months since institutions changed. -#}
{% macro changed_months(model_name, feeds=['settlement']) -%}
    select touched_month.month as month_start
    from {{ source('raw', 'touched_month') }} as touched_month
    inner join (
        {{ changed_batches(model_name, feeds | reject('in', ['person', 'institution']) | list) }}
    ) as changed
        on touched_month.batch_id = changed.batch_id
    union
    {{ months_tied_by_refunds(changed_batches(model_name, ['settlement'])) }}
    {% if 'person' in feeds -%}
        union
        select {{ first_of_month('roster.ym') }} as month_start
        from {{ source('raw', 'assisted_roster') }} as roster
        inner join {{ source('raw', 'person_key') }} as listed
            on roster.certno = listed.id_value and listed.id_kind = 'certno'
        where
            listed.psn_key in (
                select numbered.psn_key
                from {{ source('raw', 'person') }} as person
                inner join {{ source('raw', 'person_key') }} as numbered
                    on person.psn_no = numbered.id_value and numbered.id_kind = 'psn_no'
                where
                    person._batch_id in (
                        select batch_id from ({{ changed_batches(model_name, ['person']) }}) as changed
                    )
            )
    {%- endif %}
    {% if 'institution' in feeds -%}
        union
        select built.month_start
        from (select month_start from {{ this }} group by month_start) as built
        where
            built.month_start >= (
                select min(touched_month.month)
                from {{ source('raw', 'touched_month') }} as touched_month
                inner join ({{ changed_batches(model_name, ['institution']) }}) as changed
                    on touched_month.batch_id = changed.batch_id
            )
    {%- endif %}
{%- endmacro %}

{#- Months of what rows of the given batches refund, and of what refunds them; of a refund's refund likewise. -#}
{% macro months_tied_by_refunds(batches) -%}
    {%- set settlement = source('raw', 'settlement') -%}
    {%- set changed = "(select batch_id from (" ~ batches ~ ") as changed)" -%}
    {%- set refunded -%}
        select refund.init_setl_id
        from {{ settlement }} as refund
        where refund.init_setl_id is not null and refund._batch_id in {{ changed }}
    {%- endset -%}
    {%- set refunding -%}
        select refund.setl_id
        from {{ settlement }} as refund
        where
            refund.init_setl_id in (
                select original.setl_id from {{ settlement }} as original
                where original._batch_id in {{ changed }}
            )
    {%- endset -%}
    select cast(date_trunc('month', settlement.setl_time) as date) as month_start
    from {{ settlement }} as settlement
    where
        settlement.setl_id in ({{ refunded }})
        or settlement.setl_id in ({{ refunding }})
        or settlement.setl_id in (
            select middle.init_setl_id from {{ settlement }} as middle
            where middle.init_setl_id is not null and middle.setl_id in ({{ refunded }})
        )
        or settlement.init_setl_id in ({{ refunding }})
{%- endmacro %}

{% macro changed_batches(model_name, feeds) -%}
    select coalesce(seen.batch_id, visible.batch_id) as batch_id
    from (
        select batch_id from {{ source('raw', 'built_batch') }} where model_name = '{{ model_name }}'
    ) as seen
    full outer join (select batch_id from {{ ref('stg_published__batch') }}) as visible
        on seen.batch_id = visible.batch_id
    inner join {{ source('raw', 'batch') }} as batch
        on coalesce(seen.batch_id, visible.batch_id) = batch.batch_id
    where
        (seen.batch_id is null or visible.batch_id is null)
        and batch.feed in ('{{ feeds | join("', '") }}')
{%- endmacro %}

{#- Hooks of an incremental model: forget the changed months before, remember the batches after. -#}
{% macro forget_changed_months(model_name, feeds=['settlement']) -%}
    {% if is_incremental() %}
        delete from {{ this }} where month_start in ({{ changed_months(model_name, feeds) }})
    {% else %}
        select 1
    {% endif %}
{%- endmacro %}

{% macro remember_batches(model_name) -%}
    delete from {{ source('raw', 'built_batch') }} where model_name = '{{ model_name }}';
    insert into {{ source('raw', 'built_batch') }}
    select '{{ model_name }}', batch_id from {{ ref('stg_published__batch') }}
{%- endmacro %}

{#- What the cells of benefit.month rest on. -#}
{% macro cell_feeds() -%}
    {{ return(['settlement', 'assisted_roster', 'person', 'institution']) }}
{%- endmacro %}

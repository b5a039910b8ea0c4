{#- Months to compute anew: those that batches touched which this model has not seen yet, or has seen and no
    longer sees (a build as known on an earlier day); with the months of the settlements that refunds and stays in
    parts tie to those rows, and, where the model rests on them, the months of rosters whose persons changed and
    all months since institutions changed. -#}
{% macro changed_months(model_name, feeds=['settlement']) -%}
    select touched_month.month as month_start
    from {{ source('raw', 'touched_month') }} as touched_month
    inner join (
        {{ changed_batches(model_name, feeds | reject('in', ['person', 'institution']) | list) }}
    ) as changed
        on touched_month.batch_id = changed.batch_id
    union
    {{ months_tied_by_settlements(changed_batches(model_name, ['settlement'])) }}
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
    {% if 'grouping' in feeds -%}
        union
        {{ months_of_lists(model_name) }}
    {%- endif %}
{%- endmacro %}

{#- Months of the settlements that changed lists (F07) name, and of those without a list at institutions whose
    lists or clearing (F08) changed: that they are paid by case at all may begin with these. -#}
{% macro months_of_lists(model_name) -%}
    select cast(date_trunc('month', setl_time) as date) as month_start
    from {{ source('raw', 'settlement') }}
    where setl_id in ({{ changed_values(model_name, 'grouping', 'setl_id') }})
    union
    select cast(date_trunc('month', setl_time) as date) as month_start
    from {{ source('raw', 'settlement') }}
    where init_setl_id in ({{ changed_values(model_name, 'grouping', 'setl_id') }})
    union
    select cast(date_trunc('month', settlement.setl_time) as date) as month_start
    from {{ source('raw', 'settlement') }} as settlement
    left join {{ ref('stg_platform__grouping') }} as listed
        on settlement.setl_id = listed.settlement_id
    where
        settlement.clr_way in ('20', '30', '40')
        and listed.settlement_id is null
        and settlement.fixmedins_code in (
            {{ changed_values(model_name, 'grouping', 'fixmedins_code') }}
            union
            {{ changed_values(model_name, 'clearing', 'fixmedins_code') }}
        )
{%- endmacro %}

{#- What a column holds in the rows of a feed's batches that changed for a model. -#}
{% macro changed_values(model_name, feed, column) -%}
    select record.{{ column }}
    from {{ source('raw', feed) }} as record
    where
        record.{{ column }} is not null
        and record._batch_id in (
            select batch_id from ({{ changed_batches(model_name, [feed]) }}) as changed
        )
{%- endmacro %}

{#- Months of the settlements that rows of the given batches are tied to, whatever the number of steps: what they
    refund and what refunds them, and the other parts of a stay that was settled in parts. Such rows are few:
    only they are looked at. -#}
{% macro months_tied_by_settlements(batches) -%}
    select cast(date_trunc('month', tied.setl_time) as date) as month_start
    from (
        with recursive parted as materialized (
            select mdtrt_id
            from {{ source('raw', 'settlement') }}
            where mdtrt_id is not null and (mid_setl_flag = '1' or cal_ipt_cnt = '0')
            group by mdtrt_id
        ),

        tie as materialized (
            select
                setl_id as one_id,
                init_setl_id as other_id
            from {{ source('raw', 'settlement') }}
            where init_setl_id is not null
            union
            select
                settlement.setl_id as one_id,
                'visit ' || settlement.mdtrt_id as other_id
            from {{ source('raw', 'settlement') }} as settlement
            where settlement.mdtrt_id in (select parted.mdtrt_id from parted)
        ),

        link as materialized (
            select
                one_id,
                other_id
            from tie
            union all
            select
                other_id as one_id,
                one_id as other_id
            from tie
        ),

        reached as (
            select settlement.setl_id
            from {{ source('raw', 'settlement') }} as settlement
            where
                settlement._batch_id in (select batch_id from ({{ batches }}) as batch)
                and settlement.setl_id in (select link.one_id from link)
            union
            select link.other_id as setl_id
            from reached
            inner join link on reached.setl_id = link.one_id
        )

        select settlement.setl_time
        from {{ source('raw', 'settlement') }} as settlement
        where settlement.setl_id in (select reached.setl_id from reached)
    ) as tied
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
    {{
        return([
            'settlement', 'assisted_roster', 'person', 'institution', 'grouping', 'clearing',
        ])
    }}
{%- endmacro %}

{#- A condition of an incremental model over settlements: all months in a full build, else the changed ones, asked
    for once and written out, with their bounds on the time of settlement, so that other months are not read. -#}
{% macro in_changed_months(model_name, feeds=['settlement']) -%}
    {%- if not (is_incremental() and execute) -%}
        true
    {%- else -%}
        {%- set months = run_query(
            "select distinct month_start from (" ~ changed_months(model_name, feeds) ~ ") as changed order by 1"
        ).columns[0].values() -%}
        {%- if months -%}
            settlement_month in (
                {%- for each in months %}date '{{ each }}'{{ ", " if not loop.last }}{% endfor -%}
            )
            and settled_at >= date '{{ months | first }}'
            and settled_at < date '{{ months | last }}' + interval 1 month
        {%- else -%}
            false
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

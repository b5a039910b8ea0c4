{#- The incremental models over settlements: they hold whole months, and each remembers what it was built from. -#}
{% macro monthly_sums() -%}
    {{ return(['int_benefit__cells', 'int_benefit__stays', 'int_benefit__person_months']) }}
{%- endmacro %}

{#- What a model reads besides settlements, as int_benefit__inputs names it, and what of them it concerns: the
    settlements of a month, of an institution from a day on, of a person, of stays that ended in a month. -#}
{% macro inputs_of(model_name) -%}
    {%- set inputs = {'tied': 'month', 'resolved': 'month'} -%}
    {%- if model_name == 'int_benefit__cells' -%}
        {%- do inputs.update({
            'roster': 'month',
            'person': 'person',
            'institution': 'institution',
            'settlement_list': 'stay',
            'paying_institution': 'institution',
            'cleared_by_case': 'month',
        }) -%}
    {%- endif -%}
    {{ return(inputs) }}
{%- endmacro %}

{% macro readers_of_inputs() -%}
    {%- set readers = [] -%}
    {%- for model_name in monthly_sums() -%}
        {%- for input, concerns in inputs_of(model_name).items() -%}
            {%- do readers.append((model_name, input, concerns)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(readers) }}
{%- endmacro %}

{#- A number that tells one content of a row from another: all columns but those left out and, unless a reader takes
    its day over, the delivery's. -#}
{% macro content_of(relation, but=[], with_known_on=false) -%}
    {%- set columns = [] -%}
    {%- for column in (adapter.get_columns_in_relation(relation) if execute else []) -%}
        {%- if column.name == 'known_on' and with_known_on
            or column.name not in ['known_on', 'data_origin', '_batch_id', '_row'] + but -%}
            {%- do columns.append(column.name) -%}
        {%- endif -%}
    {%- endfor -%}
    hash({{ columns | join(', ') or 'null' }})
{%- endmacro %}

{#- The same of all rows of a group, whatever their order. -#}
{% macro sum_of_contents(relation, with_known_on=false) -%}
    hash(sum({{ content_of(relation, [], with_known_on) }}))
{%- endmacro %}

{#- Hooks of an incremental model: forget the changed months before, remember what it rests on after. -#}
{% macro forget_changed_months(model_name) -%}
    {% if is_incremental() %}
        delete from {{ this }}
        where
            month_start in (
                select month_start from {{ ref('int_benefit__changed_months') }}
                where model_name = '{{ model_name }}'
            )
    {% else %}
        select 1
    {% endif %}
{%- endmacro %}

{% macro remember_inputs(model_name) -%}
    delete from {{ source('raw', 'built_batch') }} where model_name = '{{ model_name }}';
    insert into {{ source('raw', 'built_batch') }}
    select '{{ model_name }}', batch_id, false from {{ ref('stg_published__batch') }} where feed = 'settlement';
    delete from {{ source('raw', 'built_input') }} where model_name = '{{ model_name }}';
    insert into {{ source('raw', 'built_input') }}
    select '{{ model_name }}', input, row_key, valid_from, content from {{ ref('int_benefit__inputs') }}
    where input in ('{{ inputs_of(model_name) | join("', '") }}')
{%- endmacro %}

{#- A condition of an incremental model over settlements: all months in a full build, else the changed ones, asked
    for once and written out, with their bounds on the time of settlement, so that other months are not read. -#}
{% macro in_changed_months(model_name) -%}
    {%- set changed = ref('int_benefit__changed_months') -%}
    {%- if not (is_incremental() and execute) -%}
        true
    {%- else -%}
        {%- set months = run_query(
            "select month_start from " ~ changed ~ " where model_name = '" ~ model_name ~ "' order by 1"
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

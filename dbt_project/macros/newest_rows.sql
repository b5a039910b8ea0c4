{#- The order of versions of one key, newest first: the sender's time of change, where it is not sent the day of
    delivery; then the later delivery. warehouse/feeds/versions.py says the same for loading and compaction. -#}
{% macro newest_first(version=none) -%}
    {% if version -%}
        {{ changed_at(version) }} desc,
    {% endif -%}
    batch.known_on desc,
    batch._ingested_at desc,
    record._batch_id desc,
    record._row desc
{%- endmacro %}

{#- The same order, oldest first. -#}
{% macro oldest_first(version=none) -%}
    {{ newest_first(version) | replace(' desc', '') }}
{%- endmacro %}

{#- From when on a version holds: its time of change, or the day of its delivery. -#}
{% macro changed_at(version, record='record', batch='batch') -%}
    coalesce({{ record }}.{{ version }}, cast({{ batch }}.known_on as timestamp))
{%- endmacro %}

{#- Batch and record number of the rows of a feed that a newer version supersedes, among those that this build may
    see. Only keys that came more than once are sorted. -#}
{% macro superseded_rows(feed, keys, version=none) -%}
    select
        _batch_id,
        _row
    from (
        select
            record._batch_id,
            record._row,
            row_number() over (
                partition by {{ key_text('record', keys) }}
                order by {{ newest_first(version) }}
            ) as newness
        from {{ source('raw', feed) }} as record
        inner join {{ ref('stg_published__batch') }} as batch on record._batch_id = batch.batch_id
        where
            {{ key_text('record', keys) }} in (
                select key_text from {{ source('raw', 'repeated_key') }} where feed = '{{ feed }}'
            )
    ) as ranked
    where newness > 1
{%- endmacro %}

{#- The rows of a platform feed that this build may see: batches known by its date, of each key the newest version. -#}
{% macro newest_rows(feed, keys, version=none) -%}
    select
        record.*,
        batch.known_on,
        batch.data_origin
    from {{ source('raw', feed) }} as record
    inner join {{ ref('stg_published__batch') }} as batch on record._batch_id = batch.batch_id
    left join (
        {{ superseded_rows(feed, keys, version) }}
    ) as older on record._batch_id = older._batch_id and record._row = older._row
    where older._row is null
{%- endmacro %}

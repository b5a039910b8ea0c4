{#- The day of the last delivery of a feed: what it says of a state holds until then. -#}
{% macro last_known(feed) -%}
    (select max(known_on) from {{ ref('stg_published__batch') }} where feed = '{{ feed }}')
{%- endmacro %}

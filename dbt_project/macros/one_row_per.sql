{#- The grain as a test: every combination of the columns that the grain names is met once. An empty value counts
    as a value of its own. -#}
{% test one_row_per(model, columns) %}
    select
        {{ columns | join(', ') }},
        count(*) as rows_found
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}

{#- The grain of a model that no column of its own tells (de-identified rows): as many rows as another has. -#}
{% test one_row_per_row_of(model, other, which='true') %}
    select
        (select count(*) from {{ model }}) as rows_found,
        (select count(*) from {{ other }} where {{ which }}) as rows_wanted
    where rows_found <> rows_wanted
{% endtest %}

{#- The rows of reference.lineage: every table, the ones made directly from it, and the pages that show them. -#}
{% macro lineage_rows() %}
    {%- set layers = {"seed": "seed", "source": "raw"} -%}
    {%- set known = {} -%}
    {%- set nodes = (graph.nodes.values() | list) if execute else [] -%}
    {%- set sources = (graph.sources.values() | list) if execute else [] -%}
    {%- set pages = (graph.exposures.values() | list) if execute else [] -%}
    {%- for node in nodes + sources -%}
        {%- if node.resource_type in ("model", "seed", "source") -%}
            {%- set layer = layers.get(node.resource_type) or node.fqn[1] -%}
            {%- set name = node.schema ~ "." ~ (node.alias or node.name) -%}
            {%- do known.update({node.unique_id: (name, layer, "")}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for node in pages -%}
        {%- do known.update({node.unique_id: (node.name, "page", node.label or node.name)}) -%}
    {%- endfor -%}
    {%- set rows = [] -%}
    {%- for child in nodes + pages -%}
        {%- for parent in child.depends_on.nodes | unique if child.unique_id in known and parent in known -%}
            {%- do rows.append(known[parent][:2] + known[child.unique_id]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for row in rows | sort -%}
        ({% for text in row %}'{{ text | replace("'", "''") }}'{{ ", " if not loop.last }}{% endfor %})
        {{- ", " if not loop.last }}
    {% else -%}
        ('', '', '', '', '')
    {%- endfor -%}
{% endmacro %}

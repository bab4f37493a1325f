{#
    The names of the columns of a node that carry a privacy tag (docs/privacy.md), in the order of its YAML.

    Arguments: node (an entry of graph.nodes), tag ('personal' or 'sensitive').
    Call:      {% do columns_tagged(graph.nodes['model.segmentation.users'], 'sensitive') %}
#}
{% macro columns_tagged(node, tag) %}
    {% set names = [] %}
    {% for column in node.columns.values() if segmentation._privacy_tag(column) == tag %}{% do names.append(column.name) %}{% endfor %}
    {{ return(names) }}
{% endmacro %}

{# The tag of a column in the graph, or none. #}
{% macro _privacy_tag(column) %}
    {{ return(((column.get('config') or {}).get('meta') or column.get('meta') or {}).get('privacy')) }}
{% endmacro %}

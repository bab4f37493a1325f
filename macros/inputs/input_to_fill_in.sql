{#
    The file of an input's model that `make new-project` wrote and nobody has filled in yet; none if there is none, and at
    parse.

    Arguments: name (an input).
    Call:      {% if input_to_fill_in('users') %}
#}
{% macro input_to_fill_in(name) %}
    {% set place = segmentation._unchecked_setting('inputs').get(name) %}
    {% if execute and place is string %}
        {% for node in graph.nodes.values() if node.name == place and '-- to fill in:' in node.get('raw_code', '') %}
            {{ return(node.original_file_path) }}
        {% endfor %}
    {% endif %}
    {{ return(none) }}
{% endmacro %}

{#
    The columns of an input that hold ids, as a list: its text columns whose names end in `_id`, and `merged_into`.

    Arguments: name (an input of input_contract()).
    Call:      {% for column in id_columns('events') %}
#}
{% macro id_columns(name) %}
    {% set ids = [] %}
    {% for column, type in segmentation.input_contract(name).columns.items() if type == 'text' and (column.endswith('_id') or column == 'merged_into') %}
        {% do ids.append(column) %}
    {% endfor %}
    {{ return(ids) }}
{% endmacro %}

{#
    Whether the metric of a row is circular for its segment, as a boolean in SQL that spells the answer out.

    Arguments: segment, metric (SQL, columns), circular (segment -> list of metrics).
#}
{% macro is_circular(segment, metric, circular) -%}
    {%- set found = [] -%}
    {%- for name, names in circular.items() if names -%}{%- do found.append(name) -%}{%- endfor -%}
    {%- if found -%}
    case {{ segment }}
        {%- for name in found %}
        when '{{ name }}' then {{ metric }} in ({{ segmentation.text_literals(circular[name]) }})
        {%- endfor %}
        else false
    end
    {%- else -%}
    false
    {%- endif -%}
{%- endmacro %}

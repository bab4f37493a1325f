{#
    Columns per metric as one column of rows per metric: SQL that picks the row's own, NULL for a metric without one. The
    relation is read once, where a UNION ALL of the metrics would read it, and all that it is made of, once for each.

    Arguments: metric (SQL, the row's metric), columns (metric -> name -> SQL of a double, or none), name (a key of these),
               relation (that has the columns; default: columns that say so themselves).
    Call:      {{ value_of_metric('metric', {'mrr': {'n': 'mrr__n'}, 'nps': {'n': 'nps__n'}}, 'n') }} as n
#}
{% macro value_of_metric(metric, columns, name, relation=none) -%}
    {%- set place = relation ~ '.' if relation else '' -%}
    {%- set cases = [] -%}
    {%- for entry, names in columns.items() if names[name] is not none -%}
        {%- do cases.append("when '" ~ entry ~ "' then " ~ place ~ names[name]) -%}
    {%- endfor -%}
    {%- if cases -%}
    case {{ metric }}
        {{ cases | join('\n        ') }}
    end
    {%- else -%}
    cast(null as double)
    {%- endif -%}
{%- endmacro %}

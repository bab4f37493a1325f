{#
    Columns per name as one column of rows per name: SQL that picks the row's own, NULL for a name without one. The relation
    is read once, where a UNION ALL of the names would read it, and all that it is made of, once for each.

    Arguments: name (SQL, the row's name), columns (name -> key -> SQL, or none), key (which of a name's), relation (that has
               the columns; default: columns that say so themselves).
    Call:      {{ pick_column('metric', {'mrr': {'n': 'mrr__n'}, 'nps': {'n': 'nps__n'}}, 'n') }} as n
#}
{% macro pick_column(name, columns, key, relation=none) -%}
    {%- set place = relation ~ '.' if relation else '' -%}
    {%- set cases = [] -%}
    {%- for entry, found in columns.items() if found[key] is not none -%}
        {%- do cases.append("when '" ~ entry ~ "' then " ~ place ~ found[key]) -%}
    {%- endfor -%}
    {%- if cases -%}
    case {{ name }}
        {{ cases | join('\n        ') }}
    end
    {%- else -%}
    cast(null as double)
    {%- endif -%}
{%- endmacro %}

{#
    A SELECT of what changed from version to version of records: one row per record and column for its first value and for each one that is
    another than that before it. For history that comes as whole versions: validity columns, a loader's history mode, dbt snapshots. A
    column that is empty throughout is one that the source lacks: it does not have a history.

    Columns: record_id, attribute (name of the column), held (its value; NULL: it was empty), version_from, is_first.

    Arguments: relation (with all these columns, the values as text), record_id, version_from (columns; rows without them are left out),
               attributes (list of columns).
    Call:      changes as ({{ version_changes('versions', 'user_id', 'version_from', ['country', 'city']) }})
#}
{% macro version_changes(relation, record_id, version_from, attributes) -%}
    {%- for attribute in attributes %}
    select
        {{ record_id }} as record_id,
        '{{ attribute }}' as attribute,
        {{ attribute }} as held,
        {{ version_from }} as version_from,
        row_number() over (partition by {{ record_id }} order by {{ version_from }}, {{ attribute }}) = 1 as is_first
    from {{ relation }}
    where
        {{ record_id }} is not null
        and {{ version_from }} is not null
        and (select count({{ attribute }}) > 0 from {{ relation }})
    qualify
        row_number() over (partition by {{ record_id }} order by {{ version_from }}, {{ attribute }}) = 1
        or {{ attribute }} is distinct from lag({{ attribute }}) over (
            partition by {{ record_id }} order by {{ version_from }}, {{ attribute }}
        )
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

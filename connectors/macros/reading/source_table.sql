{#
    The rows of a tool's table, with the columns you ask for as text, whatever the loader called them. The body of a CTE.

    Beside them each row has
      own_<input column>   the tool's column that `columns` of the variable names for that input column
      is_deleted           the tool or the loader says that the row was deleted
      loaded_at            when the loader wrote it, as text; NULL if it does not say
      left_out_because     older_version: of the rows with one `key` it is not the newest (history mode, append, a double); else NULL

    A column that is not there is NULL, and so is each of a table that the tool does not have: it is without rows then.

    Arguments: tool, table; columns (dict: name -> the names that loaders give it, or one of them; the first that holds something
               counts. `a.b` is b in the JSON object a, too); key (names among `columns` that name a row; empty: rows are not
               versions of each other); newest_by (names among `columns` with the time of a change, before that of the loader);
               rest (one of `columns`: where the table lacks it, it is a JSON object of all columns that you do not ask for).
    Call:      {{ source_table('salesforce', 'contact', {'id': 'Id', 'account_id': 'AccountId'}, key=['id']) }}
#}
{% macro source_table(tool, table, columns, key=[], newest_by=[], rest=none) -%}
{%- set found = segmentation_connectors.found_table(tool, table) -%}
{%- set own = {} -%}
{%- set setting = segmentation_connectors.connector_setting(tool) -%}
{%- for column, place in (setting.options.columns.get(table, {}) if setting else {}).items() -%}
    {%- do own.update({'own_' ~ column: place}) -%}
{%- endfor -%}
{%- set about = segmentation_connectors.connector_tools()[tool].tables[table] -%}
{%- if found is none -%}
select
    {%- for column in columns.keys() | list + own.keys() | list + ['loaded_at', 'left_out_because'] %}
    cast(null as varchar) as {{ column }},
    {%- endfor %}
    false as is_deleted
where false
{%- else -%}
{%- do segmentation_connectors._check_needs(found, about) -%}
with
landed as (
    select
        *
        {%- for column in about.get('within', []) if segmentation_connectors._plain(column) in found.columns %},
        {{ segmentation.to_json_object(segmentation_connectors._column_of(found, column)) }} as within_{{ loop.index }}
        {%- endfor %}
    from {{ found.relation }}
),

texts as (
    select
        {%- for column, names in columns.items() %}
        {{ segmentation_connectors._rest_of(found, columns) if column == rest and not segmentation_connectors._is_there(found, about, names)
            else segmentation_connectors._text_of(found, about, names) }} as {{ column }},
        {%- endfor %}
        {%- for column, place in own.items() %}
        {{ segmentation_connectors._own_text(found, about, place) }} as {{ column }},
        {%- endfor %}
        {{ segmentation_connectors._is_deleted(found, about) }} as is_deleted,
        {{ segmentation_connectors._is_active(found, about) }} as is_active,
        {{ segmentation_connectors._text_of(found, about, ['_fivetran_synced', '_airbyte_extracted_at', '_airbyte_emitted_at', '_sdc_batched_at']) }} as loaded_at
    from landed
),

numbered as (
    select
        *,
        {%- if key %}
        row_number() over (
            partition by {{ key | join(', ') }}
            order by
                {{ segmentation_connectors.flag("coalesce(is_active, 'true')") }} desc,
                {%- for column in newest_by %}
                {{ segmentation_connectors.time_value(column) }} desc nulls last,
                {%- endfor %}
                {{ segmentation_connectors.time_value('loaded_at') }} desc nulls last,
                {%- for column in columns %}
                {{ column }} nulls last,
                {%- endfor %}
                is_deleted
        ) as version
        {%- else %}
        case when {{ segmentation_connectors.flag("coalesce(is_active, 'true')") }} then 1 else 2 end as version
        {%- endif %}
    from texts
),

judged as (
    select
        * exclude (version, is_active),
        case when version > 1{% if key %} and {{ key | join(' is not null and ') }} is not null{% endif %} then 'older_version' end as left_out_because
    from numbered
)

select * from judged
{%- endif -%}
{%- endmacro %}

{# Stops the build without a column that the table is of no use without. #}
{% macro _check_needs(found, about) %}
    {% for names in about.get('needs', []) %}
        {% set names = [names] if names is string else names %}
        {% if not segmentation_connectors._is_there(found, about, names) %}
            {{ exceptions.raise_compiler_error(found.place ~ ' lacks the column ' ~ names | join(' or ') ~ '. Columns found: '
                ~ found.columns.values() | map('first') | map('first') | join(', ') ~ '.') }}
        {% endif %}
    {% endfor %}
{% endmacro %}

{# A column of the table as text. Two that differ only in what loaders change are refused: one of them is meant. #}
{% macro _column_of(found, name) %}
    {% set columns = found.columns[segmentation_connectors._plain(name)] %}
    {% if columns | length > 1 %}
        {{ exceptions.raise_compiler_error(found.place ~ ' mixes what two loaders land: ' ~ columns | map('first') | join(' and ')
            ~ ' are the same column. Give one of them.') }}
    {% endif %}
    {{ return(segmentation_connectors.column_text(columns[0][0], columns[0][1])) }}
{% endmacro %}

{# A value under any of its names, of a column or in a JSON object, as text. #}
{% macro _text_of(found, about, names) %}
    {% set parts = [] %}
    {% for name in ([names] if names is string else names) %}
        {% set plain = segmentation_connectors._plain(name) %}
        {% if plain in found.columns %}{% do parts.append(segmentation_connectors._column_of(found, name)) %}{% endif %}
        {% set head = name.split('.')[0] %}
        {% set path = segmentation.text_literal('$."' ~ name | replace('"', '\\"') | replace('.', '"."') ~ '"') %}
        {% if '.' in name and segmentation_connectors._plain(head) in found.columns %}
            {% set whole = segmentation_connectors._column_of(found, head) %}
            {% set rest = segmentation.text_literal('$."' ~ name.split('.')[1:] | join('"."') ~ '"') %}
            {% do parts.append("nullif(case when json_valid(" ~ whole ~ ") then json_extract_string(" ~ whole ~ ", " ~ rest ~ ") end, '')") %}
        {% endif %}
        {% for column in about.get('within', []) if segmentation_connectors._plain(column) in found.columns %}
            {% do parts.append("nullif(json_extract_string(within_" ~ loop.index ~ ", " ~ path ~ "), '')") %}
        {% endfor %}
    {% endfor %}
    {% if not parts %}{{ return('cast(null as varchar)') }}{% endif %}
    {{ return(parts[0] if parts | length == 1 else 'coalesce(' ~ parts | join(', ') ~ ')') }}
{% endmacro %}

{# Whether a table has, or may have in a JSON object, a column by one of its names. #}
{% macro _is_there(found, about, names) %}
    {{ return(segmentation_connectors._text_of(found, about, names) != 'cast(null as varchar)') }}
{% endmacro %}

{# The columns that nobody asks for as one JSON object, without those that are empty and those of loaders. #}
{% macro _rest_of(found, columns) %}
    {% set asked, parts = [], [] %}
    {% for names in columns.values() %}
        {% for name in ([names] if names is string else names) %}{% do asked.append(segmentation_connectors._plain(name)) %}{% endfor %}
    {% endfor %}
    {% for plain, places in found.columns.items() if plain not in asked %}
        {% for name, type in places if not modules.re.match('_(airbyte|fivetran|sdc)_', name | lower) and name != 'filename' %}
            {% do parts.append(segmentation.text_literal(name) ~ ', ' ~ segmentation_connectors.column_text(name, type)) %}
        {% endfor %}
    {% endfor %}
    {{ return("cast(json_merge_patch('{}', json_object(" ~ parts | join(', ') ~ ')) as varchar)' if parts else 'cast(null as varchar)') }}
{% endmacro %}

{# The text of a column that the variable names: it must be there, or, in a JSON object, may be. #}
{% macro _own_text(found, about, name) %}
    {% set text = segmentation_connectors._text_of(found, about, [name]) %}
    {% if text == 'cast(null as varchar)' %}
        {{ exceptions.raise_compiler_error(found.place ~ ' lacks the column ' ~ name ~ ', which `columns` of the variable names. Columns found: '
            ~ found.columns.values() | map('first') | map('first') | join(', ') ~ '.') }}
    {% endif %}
    {{ return(text) }}
{% endmacro %}

{# Whether a row is the version that holds now, in history mode or in a dbt snapshot; NULL where the table does not keep others. #}
{% macro _is_active(found, about) %}
    {% if 'dbtvalidto' not in found.columns %}{{ return(segmentation_connectors._text_of(found, about, ['_fivetran_active'])) }}{% endif %}
    {{ return('cast(coalesce(' ~ segmentation_connectors._column_of(found, 'dbt_valid_to') ~ " >= '9999', true) as varchar)") }}
{% endmacro %}

{# Whether a row was deleted, by what tools and loaders call it. #}
{% macro _is_deleted(found, about) %}
    {% set parts = [] %}
    {% for name in ['_fivetran_deleted', 'is_deleted', 'isDeleted', 'archived', '_ab_cdc_deleted_at', '_sdc_deleted_at']
        if segmentation_connectors._plain(name) in found.columns %}
        {% set text = segmentation_connectors._column_of(found, name) %}
        {% do parts.append(text ~ ' is not null' if name.endswith('_at') else segmentation_connectors.flag(text)) %}
    {% endfor %}
    {{ return('(' ~ parts | unique | join(' or ') ~ ')' if parts else 'false') }}
{% endmacro %}

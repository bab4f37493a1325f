{#
    A SELECT of the properties of calls: id and properties (a JSON object). Segment's `tracks` holds no properties: they are in a table of each
    event, named like it, where the call stands again under the same id. These tables are found by their columns (id, event, event_text) in
    `schema`, or the schema of `tracks`, or are named by the option `event_tables`: a schema, or a list of relations, models and files.

    Call:      event_properties as ({{ segment_properties() }})
#}
{% macro segment_properties() -%}
{%- for relation in segmentation_connectors._segment_event_tables() if execute %}
    {{ 'union all' if not loop.first }}
    {{ segmentation_connectors._segment_properties_of(relation) }}
{%- else %}
    select cast(null as varchar) as id, cast(null as varchar) as properties where false
{%- endfor %}
{%- endmacro %}

{# The same of one table: what Segment or a loader writes into every table is no property. #}
{% macro _segment_properties_of(relation) %}
    {% set own = ['anonymous_id', 'user_id', 'event', 'event_text', 'received_at', 'sent_at', 'timestamp', 'original_timestamp', 'uuid',
        'uuid_ts', 'loaded_at'] %}
    {% set by_name = {} %}
    {% for column in segmentation_connectors._columns_of(relation) if not (column[0] | lower).startswith('context_') %}
        {% do by_name.setdefault(segmentation_connectors._plain(column[0]), []).append(column) %}
    {% endfor %}
    {% set id = by_name.get('id') %}
    {% if not id %}
        {{ exceptions.raise_compiler_error('connectors: segment: event_tables: ' ~ relation ~ ' lacks the column id. Columns found: '
            ~ by_name.values() | map('first') | map('first') | join(', ') ~ '.') }}
    {% endif %}
    {% set properties = segmentation_connectors._rest_of({'columns': by_name}, {'id': 'id', 'own': own}) %}
    {{ return('select ' ~ segmentation_connectors.column_text(id[0][0], id[0][1]) ~ ' as id, ' ~ properties ~ ' as properties from ' ~ relation) }}
{% endmacro %}

{# The relations of the tables of events. #}
{% macro _segment_event_tables() %}
    {% set setting = segmentation_connectors.connector_setting('segment') %}
    {% if setting is none %}{{ return([]) }}{% endif %}
    {% set said, relations = setting.options.get('event_tables'), [] %}
    {% if said is not none and said is not undefined and said is not string %}
        {% for place in said %}
            {% do relations.append(segmentation_connectors._read_files([place], {}) if segmentation_connectors._is_file(place)
                else place if '.' in place else ref(place) | string) %}
        {% endfor %}
        {{ return(relations) }}
    {% endif %}
    {% set tracks = setting.tables.get('tracks') %}
    {% set of_tracks = tracks.split('.')[-2] if tracks is string and '.' in tracks and not segmentation_connectors._is_file(tracks) else none %}
    {% set schema = said or setting.options.get('schema') or of_tracks %}
    {% if schema and execute %}
        {% set rows = run_query(
            "select '\"' || table_catalog || '\".\"' || table_schema || '\".\"' || table_name || '\"' from information_schema.columns"
            ~ ' where lower(table_schema) = lower(' ~ segmentation.text_literal(schema.split('.')[-1]) ~ ')'
            ~ " and lower(table_name) not in ('tracks', 'track', 'tracks_view')"
            ~ ' group by table_catalog, table_schema, table_name'
            ~ " having count(*) filter (where lower(column_name) in ('id', 'event', 'event_text')) = 3 order by all"
        ).rows %}
        {% for row in rows %}{% do relations.append(row[0]) %}{% endfor %}
    {% endif %}
    {{ return(relations) }}
{% endmacro %}

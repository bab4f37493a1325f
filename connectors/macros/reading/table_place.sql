{#
    The relation of a tool's table as SQL, that can stand after `from`; none if the tool does not have it, which is normal for an
    optional one: its rows are then none.

    Arguments: tool, table (as in connector_tools()).
    Call:      {% set place = table_place('mixpanel', 'events') %}
    Errors:    a pattern that no file matches stops the build.
#}
{% macro table_place(tool, table) %}
    {% set setting = segmentation_connectors.connector_setting(tool) %}
    {% if setting is none %}{{ return(none) }}{% endif %}
    {% set place = setting.tables.get(table) %}
    {% if place is string and segmentation_connectors._is_file(place) %}{% set place = {'files': [place]} %}{% endif %}
    {% if place is none or place is undefined %}
        {{ return(segmentation_connectors._place_by_name(tool, table, setting.options) if execute else none) }}
    {% elif place is string %}
        {{ return((place if '.' in place else ref(place)) | string) }}
    {% elif place is mapping and 'source' in place %}
        {{ return(source(place['source'], place['table']) | string) }}
    {% elif place is mapping and 'relation' in place %}
        {{ return((place['relation'] if '.' in place['relation'] else ref(place['relation'])) | string) }}
    {% endif %}
    {% set files = place['files'] if place is mapping else place %}
    {% set files = [files] if files is string else files %}
    {% if execute %}
        {% for file in files if '://' not in file %}
            {% if not segmentation_connectors._files_like(file) %}
                {{ exceptions.raise_compiler_error('connectors: ' ~ tool ~ ': ' ~ table ~ ': no file is called ' ~ file
                    ~ '. Paths begin at the folder that dbt runs from. Remove the line if you do not have this table.') }}
            {% endif %}
        {% endfor %}
    {% endif %}
    {{ return(segmentation_connectors._read_files(files, place if place is mapping else {})) }}
{% endmacro %}

{# Whether a text names files rather than a relation. #}
{% macro _is_file(text) %}
    {{ return('/' in text or '*' in text or segmentation_connectors._file_kind(text) is not none) }}
{% endmacro %}

{# csv, json or parquet by the end of a file's name, whether packed or not; else none. #}
{% macro _file_kind(name) %}
    {% set name = modules.re.sub('[.](gz|zst|zstd)$', '', name | lower) %}
    {% set kinds = {'csv': 'csv', 'tsv': 'csv', 'txt': 'csv', 'json': 'json', 'jsonl': 'json', 'ndjson': 'json', 'parquet': 'parquet'} %}
    {{ return(kinds.get(name.split('.')[-1]) if '.' in name else none) }}
{% endmacro %}

{#
    Files as SQL, every column as text or JSON: nothing is guessed, and an id of 19 digits stays what it is. Several files are put
    together by the names of their columns.
#}
{% macro _read_files(files, about) %}
    {% set kinds = files | map('string') | list %}
    {% set kind = about.get('format') or segmentation_connectors._file_kind(kinds[0]) or 'json' %}
    {% set names = [] %}
    {% for file in files %}{% do names.append(segmentation.text_literal(file)) %}{% endfor %}
    {% set names = '[' ~ names | join(', ') ~ ']' %}
    {% if kind == 'parquet' %}
        {{ return('read_parquet(' ~ names ~ ', union_by_name = true)') }}
    {% elif kind == 'json' %}
        {{ return('read_json(' ~ names ~ ", format = 'auto', maximum_depth = 1, sample_size = -1, union_by_name = true)") }}
    {% endif %}
    {% set is_tab = modules.re.search('[.](tsv|txt)([.]|$)', kinds[0] | lower) %}
    {% set delimiter = about.get('delimiter') or ('\t' if is_tab else ',') %}
    {{ return('read_csv(' ~ names ~ ', delim = ' ~ segmentation.text_literal(delimiter) ~ ", quote = '\"', escape = '\"', header = true, "
        ~ 'all_varchar = true, union_by_name = true, null_padding = true, parallel = false, filename = true, encoding = '
        ~ segmentation.text_literal(about.get('encoding') or 'utf-8') ~ ')') }}
{% endmacro %}

{# The files that a pattern names. #}
{% macro _files_like(pattern) %}
    {{ return(run_query('select file from glob(' ~ segmentation.text_literal(pattern) ~ ') order by file').rows | map(attribute=0) | list) }}
{% endmacro %}

{# Where a table is in the tool's `schema` or `folder`, found by its names; none if it is not there. #}
{% macro _place_by_name(tool, table, options) %}
    {% set about = segmentation_connectors.connector_tools()[tool].tables[table] %}
    {% set found = [] %}
    {% if options.get('schema') %}
        {% set rows = run_query(
            'select table_catalog, table_schema, table_name from information_schema.tables where lower(table_schema) = lower('
            ~ segmentation.text_literal(options.schema.split('.')[-1]) ~ ') order by all'
        ).rows %}
        {% for row in rows if segmentation_connectors._is_called(about, table, row[2]) %}
            {% do found.append('"' ~ row[0] ~ '"."' ~ row[1] ~ '"."' ~ row[2] ~ '"') %}
        {% endfor %}
    {% elif options.get('folder') %}
        {% for file in segmentation_connectors._files_like(options.folder ~ '/*') %}
            {% set name = (file | replace('\\', '/')).split('/')[-1] %}
            {% if segmentation_connectors._file_kind(name) and segmentation_connectors._is_called(about, table, name.split('.')[0]) %}
                {% do found.append(file) %}
            {% endif %}
        {% endfor %}
    {% endif %}
    {% if not found %}{{ return(none) }}{% endif %}
    {% if options.get('folder') and not options.get('schema') %}
        {{ return(segmentation_connectors._read_files(found, options)) }}
    {% elif found | length > 1 %}
        {{ exceptions.raise_compiler_error('connectors: ' ~ tool ~ ': ' ~ table ~ ' may be ' ~ found | join(' or ')
            ~ '. Say which one: `' ~ table ~ ': ' ~ (found[0] | replace('"', '')) ~ '`.') }}
    {% endif %}
    {{ return(found[0]) }}
{% endmacro %}

{# Whether a table or file goes by one of the table's names. A file may have more in its name, after a dot. #}
{% macro _is_called(about, table, name) %}
    {% for each in [table] + about.names %}
        {% if segmentation_connectors._plain(each) == segmentation_connectors._plain(name) %}{{ return(true) }}{% endif %}
    {% endfor %}
    {{ return(false) }}
{% endmacro %}

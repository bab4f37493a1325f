{#
    The first line of a CSV file as a list of texts, as they stand in it; none where the engine cannot read the file. Loaders rename a
    column whose name comes twice, so that a relation does not tell any more.

    For hooks: it looks into the file.

    Arguments: path (of the file), delimiter (text; none: found by the engine).
    Call:      {% set header = csv_header('seeds/own/own_users.csv', ',') %}
#}
{% macro csv_header(path, delimiter=none) -%}
    {{ return(adapter.dispatch('csv_header', 'segmentation')(path, delimiter)) }}
{%- endmacro %}

{% macro default__csv_header(path, delimiter) -%}
    {{ return(none) }}
{%- endmacro %}

{% macro duckdb__csv_header(path, delimiter) -%}
    {% set file = segmentation.text_literal(path) %}
    {% if run_query('select count(*) from glob(' ~ file ~ ')').rows[0][0] != 1 %}{{ return(none) }}{% endif %}
    {# As lines, not as fields: what follows the header may be of any form. #}
    {% set rows = run_query(
        'select line from read_csv(' ~ file ~ ", header=false, auto_detect=false, columns={'line': 'varchar'}, delim=chr(1), quote='', escape='',"
        ~ ' strict_mode=false, ignore_errors=true, parallel=false) limit 1'
    ).rows %}
    {% if not rows %}{{ return(none) }}{% endif %}
    {% set line = rows[0][0] | string %}
    {% set between = delimiter %}
    {% if not between %}
        {% set counts = {} %}
        {% for mark in [',', ';', '\t', '|'] %}{% do counts.update({mark: line.count(mark)}) %}{% endfor %}
        {% set between = (counts | dictsort(by='value') | last)[0] %}
    {% endif %}
    {% set names = [] %}
    {% for part in modules.re.findall('(?:^|' ~ modules.re.escape(between) ~ ')("(?:[^"]|"")*"|[^' ~ modules.re.escape(between) ~ ']*)', line) %}
        {% do names.append(part | trim | trim('"') | replace('""', '"')) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}

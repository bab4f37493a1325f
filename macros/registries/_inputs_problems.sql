{#
    What is wrong with a contract of inputs, as a list of texts. Each names the input, the field, the rule and the value.

    Arguments: entries (what inputs() returns).
#}
{% macro _inputs_problems(entries) %}
    {% if entries is not mapping or not entries %}
        {{ return(['inputs: must be a mapping of at least one input, got ' ~ tojson(entries) ~ '.']) }}
    {% endif %}
    {% set needed = ['optional', 'columns', 'key'] %}
    {% set fields = needed + [
        'required', 'may_be_missing', 'newest_by', 'first_by', 'ends', 'arrival', 'one_of', 'ranges', 'labels', 'fallbacks',
        'attributes',
    ] %}
    {% set problems = [] %}
    {% for name, entry in entries.items() %}
        {% set place = 'inputs: ' ~ name ~ ': ' %}
        {% if entry is not mapping %}
            {% do problems.append(place ~ 'must be a mapping, got ' ~ tojson(entry) ~ '.') %}
        {% else %}
            {% if name is not string or not modules.re.fullmatch('[a-z][a-z0-9_]*', name) %}
                {% do problems.append(place ~ 'the name must be lower snake case, got ' ~ tojson(name) ~ '.') %}
            {% endif %}
            {% for field in needed if field not in entry %}
                {% do problems.append(place ~ '`' ~ field ~ '` is required.') %}
            {% endfor %}
            {% if ('newest_by' in entry) == ('first_by' in entry) %}
                {% do problems.append(
                    place ~ 'one of `newest_by` and `first_by` is required: which of several rows with one key counts.'
                ) %}
            {% endif %}
            {% for field in entry if field not in fields %}
                {% do problems.append(
                    'inputs: unknown field `' ~ field ~ '` in `' ~ name ~ '`; valid fields: ' ~ fields | join(', ') ~ '.'
                ) %}
            {% endfor %}
            {#- 1 and true are equal, and neither is what the other stands for -#}
            {% if 'optional' in entry and entry.optional is not boolean %}
                {% do problems.append(place ~ '`optional` must be one of true, false, got ' ~ tojson(entry.optional) ~ '.') %}
            {% endif %}
            {% do problems.extend(segmentation._inputs_column_problems(entry, place)) %}
            {% do problems.extend(segmentation._inputs_attribute_problems(entry, place, entries)) %}
        {% endif %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}

{# The columns of one entry, and the fields that name some of them. #}
{% macro _inputs_column_problems(entry, place) %}
    {% set types = ['text', 'label', 'country', 'integer', 'money', 'double', 'boolean', 'time', 'date', 'json'] %}
    {% set problems = [] %}
    {% set columns = entry.get('columns') %}
    {% if 'columns' in entry and (columns is not mapping or not columns) %}
        {% do problems.append(place ~ '`columns` must be a mapping of column -> type, got ' ~ tojson(columns) ~ '.') %}
    {% endif %}
    {% set columns = columns if columns is mapping else {} %}
    {% for column, type in columns.items() if type not in types %}
        {% do problems.append(
            place ~ 'the type of `' ~ column ~ '` must be one of ' ~ tojson(types)[1:-1] ~ ', got ' ~ tojson(type) ~ '.'
        ) %}
    {% endfor %}
    {% for field in ['key', 'required', 'may_be_missing', 'ends', 'arrival', 'one_of'] if field in entry %}
        {% set value = entry[field] %}
        {% if value is string or value is mapping or value is not sequence or not value %}
            {% do problems.append(place ~ '`' ~ field ~ '` must be a list of at least one column, got ' ~ tojson(value) ~ '.') %}
        {% endif %}
    {% endfor %}
    {% for field in ['ranges', 'labels', 'fallbacks'] if field in entry and entry[field] is not mapping %}
        {% do problems.append(place ~ '`' ~ field ~ '` must be a mapping of columns, got ' ~ tojson(entry[field]) ~ '.') %}
    {% endfor %}
    {% for field in [
        'key', 'required', 'may_be_missing', 'newest_by', 'first_by', 'ends', 'arrival', 'one_of', 'ranges', 'labels', 'fallbacks',
    ] if field in entry %}
        {% set value = entry[field] %}
        {% set named = [value] if field in ['newest_by', 'first_by'] else value if value is iterable and value is not string else [] %}
        {% for column in named if column not in columns %}
            {% set nearest = segmentation._nearest_name(column | string, columns | list) %}
            {% do problems.append(
                place ~ '`' ~ field ~ '` must name columns of the input, got ' ~ tojson(column)
                ~ ("; did you mean '" ~ nearest ~ "'?" if nearest else '.')
            ) %}
        {% endfor %}
    {% endfor %}
    {% for column, range in (entry.ranges if entry.get('ranges') is mapping else {}).items() %}
        {% set is_pair = range is sequence and range is not string and range is not mapping and range | length == 2 %}
        {% if not is_pair and not (range is string and '{}' in range) %}
            {% do problems.append(
                place ~ 'the range of `' ~ column ~ '` must be [least, most] or SQL with {} for the value, got ' ~ tojson(range) ~ '.'
            ) %}
        {% endif %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}

{# The attributes whose history is read: columns of the input named after their entity. #}
{% macro _inputs_attribute_problems(entry, place, entries) %}
    {% set problems = [] %}
    {% for entity, names in (entry.attributes if entry.get('attributes') is mapping else {}).items() %}
        {% set columns = (entries.get(entity ~ 's') or {}).get('columns') or {} %}
        {% for name in names if name not in columns %}
            {% do problems.append(
                place ~ '`attributes` must name columns of the input ' ~ entity ~ 's, got ' ~ tojson(name) ~ '.'
            ) %}
        {% endfor %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}

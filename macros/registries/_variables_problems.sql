{#
    What is wrong with the values of all variables, as a list of texts. Each names the variable, the rule and the value, and
    the nearest name if the value refers to something that does not exist.
#}
{% macro _variables_problems() %}
    {% set problems = [] %}
    {% set known = {} %}
    {% for entry in segmentation.variables() %}
        {% do problems.extend(segmentation._variable_problems(entry, var(entry.name, segmentation._default_of(entry)), known)) %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}

{# What is wrong with the value of one variable, as a list of texts. entry: see variables(); known: see _known_names(). #}
{% macro _variable_problems(entry, value, known) %}
    {% if entry.name == 'north_star' and value is string %}{{ return(segmentation._north_star_problems(value)) }}{% endif %}
    {% set problems = segmentation._value_problems('vars', entry.name, value, entry, known) %}
    {% if entry.name == 'audiences' and not problems %}{{ return(segmentation._audiences_problems(value)) }}{% endif %}
    {% if entry.name == 'not_people' and not problems %}{{ return(segmentation._not_people_problems(value)) }}{% endif %}
    {% if entry.name == 'experiment_metrics' and not problems %}{{ return(segmentation._chosen_roles_problems(value)) }}{% endif %}
    {{ return(problems) }}
{% endmacro %}

{#
    What is wrong with a value, as a list of texts.

    Arguments: place (where it is written, such as `vars: funnels`), name (of the variable or the key), value, rule (see
               variables()), known (see _known_names()), is_entry (true if the name says which entry of a list it is).
#}
{% macro _value_problems(place, name, value, rule, known, is_entry=false) %}
    {% set also = rule.get('also', []) %}
    {% if (value is none and 'null' in also) or (value is false and 'false' in also)
        or (value is string and value in also and value not in ['null', 'false']) %}
        {{ return([]) }}
    {% endif %}
    {% set start = place ~ ': ' ~ (name if is_entry else '`' ~ name ~ '`') %}
    {% if 'values' in rule and value is string %}
        {{ return(segmentation._name_problems(start, value, rule, rule['values'])) }}
    {% elif not segmentation._value_holds(value, rule) %}
        {{ return([start ~ ' must be ' ~ segmentation._rule_text(rule) ~ ', got ' ~ segmentation._shown(value) ~ '.']) }}
    {% elif 'names' in rule %}
        {{ return(segmentation._name_problems(start, value, rule, segmentation._known_names(rule.names, known))) }}
    {% elif rule.type == 'list' %}
        {{ return(segmentation._entry_problems(place ~ ': ' ~ name, value, rule, known)) }}
    {% elif rule.type == 'mapping' %}
        {{ return(segmentation._key_problems(place ~ ': ' ~ name, start, value, rule, known)) }}
    {% endif %}
    {{ return([]) }}
{% endmacro %}

{# Whether a value has the type of its rule and is within its bounds. What is inside of a list or a mapping is left out. #}
{% macro _value_holds(value, rule) %}
    {% set type = rule.type %}
    {% if 'values' in rule %}
        {#- true is equal to 1 -#}
        {{ return(value in rule['values'] and value is not boolean) }}
    {% elif type in ['whole number', 'number', 'share'] %}
        {% set bounds = segmentation._bounds(rule) %}
        {{ return(
            segmentation._is_finite(value)
            and (type != 'whole number' or value is integer)
            and (bounds.at_least is undefined or value >= bounds.at_least)
            and (bounds.greater_than is undefined or value > bounds.greater_than)
            and (bounds.at_most is undefined or value <= bounds.at_most)
            and (bounds.less_than is undefined or value < bounds.less_than)
        ) }}
    {% elif type == 'text' %}
        {{ return(value is string and value.strip() != '' and ('letter_case' not in rule or value == value | lower)) }}
    {% elif type == 'boolean' %}
        {{ return(value is boolean) }}
    {% elif type == 'date' %}
        {#- YAML makes a date of a day without quotes. -#}
        {{ return(segmentation._is_date(value | string if value is not none and value.isoformat is defined else value)) }}
    {% elif type == 'name' %}
        {{ return(value is string and modules.re.fullmatch('[a-z][a-z0-9_]{0,59}', value) is not none) }}
    {% elif type == 'scalar' %}
        {{ return(value is string or value is boolean or segmentation._is_finite(value)) }}
    {% elif type == 'relation' %}
        {{ return(
            (value is string and value.strip() != '')
            or (
                value is mapping and value.keys() | map('string') | sort == ['source', 'table']
                and value.values() | select('string') | list | length == 2
            )
        ) }}
    {% elif type == 'mapping' %}
        {{ return(value is mapping) }}
    {% endif %}
    {% if value is not sequence or value is string or value is mapping or value | length < rule.get('shortest', 0)
        or value | length > rule.get('longest', value | length) %}
        {{ return(false) }}
    {% elif 'order' in rule and value | reject('number') | list | length == 0 %}
        {{ return(value == value | sort and (rule.order != 'ascending' or value == value | unique | list)) }}
    {% endif %}
    {{ return(true) }}
{% endmacro %}

{# The bounds of a number; a share is from 0 to 1 if its rule does not narrow that. #}
{% macro _bounds(rule) %}
    {% if rule.type != 'share' %}{{ return(rule) }}{% endif %}
    {% set bounds = {} %}
    {% do bounds.update({'greater_than': rule.greater_than} if 'greater_than' in rule else {'at_least': 0}) %}
    {% do bounds.update({'less_than': rule.less_than} if 'less_than' in rule else {'at_most': 1}) %}
    {{ return(bounds) }}
{% endmacro %}

{# What is wrong inside of a list. #}
{% macro _entry_problems(place, value, rule, known) %}
    {% set problems = [] %}
    {% set seen = [] %}
    {#- Read by most models, so looked at as a whole: macro calls per entry would cost a parse a tenth of a second. -#}
    {% if rule['items'] == {'type': 'scalar', 'also': ['null']} and value | reject('string') | list | length == 0 %}
        {{ return([]) }}
    {% endif %}
    {% for entry in value %}
        {% set has_name = entry is mapping and entry.get('name') is string %}
        {% do problems.extend(segmentation._value_problems(
            place, entry.name if has_name else 'entry ' ~ loop.index, entry, rule['items'], known, true
        )) %}
        {% if rule.is_unique is true and entry in seen %}
            {% do problems.append(place ~ ': each entry must occur once, got ' ~ segmentation._shown(entry) ~ ' again.') %}
        {% elif rule.is_unique is string and has_name and entry.name in seen %}
            {% do problems.append(place ~ ': each `name` must occur once, got ' ~ tojson(entry.name) ~ ' again.') %}
        {% endif %}
        {% do seen.append(entry.name if has_name else entry) %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}

{# What is wrong inside of a mapping. #}
{% macro _key_problems(place, start, value, rule, known) %}
    {% set problems = [] %}
    {% if 'fields' in rule %}
        {% for key, field in rule.fields.items() %}
            {% if key in value %}
                {% do problems.extend(segmentation._value_problems(place, key, value[key], field, known)) %}
            {% elif not field.is_optional %}
                {% do problems.append(
                    place ~ ': `' ~ key ~ '` is required; it must be ' ~ segmentation._rule_text(field) ~ '.'
                ) %}
            {% endif %}
        {% endfor %}
        {% for key in value if key not in rule.fields %}
            {% set nearest = segmentation._nearest_name(key | string, rule.fields | list) %}
            {% do problems.append(
                place ~ ': unknown key `' ~ key ~ '`'
                ~ ('; did you mean `' ~ nearest ~ '`?' if nearest else '; valid keys: ' ~ rule.fields | join(', ') ~ '.')
            ) %}
        {% endfor %}
    {% else %}
        {% for key, item in value.items() %}
            {% do problems.extend(segmentation._value_problems(place, 'each key', key, rule['keys'], known, true)) %}
            {% do problems.extend(segmentation._value_problems(place, key, item, rule['items'], known)) %}
        {% endfor %}
    {% endif %}
    {% if 'adds_up_to' in rule and not problems and (value.values() | sum - rule.adds_up_to) | abs > 1e-6 %}
        {% do problems.append(start ~ ' must add up to ' ~ rule.adds_up_to ~ ', got ' ~ value.values() | sum ~ '.') %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}

{# What is wrong with a name that refers to something; nothing if what it could refer to is not known. #}
{% macro _name_problems(start, value, rule, names) %}
    {% if names is none or value in names %}{{ return([]) }}{% endif %}
    {% set nearest = segmentation._nearest_name(value, names | map('string') | list) %}
    {{ return([
        start ~ ' must be ' ~ segmentation._rule_text(rule) ~ ', got ' ~ tojson(value)
        ~ ("; did you mean '" ~ nearest ~ "'?" if nearest else '.')
    ]) }}
{% endmacro %}

{#
    The names of a kind that exist; none if the variable that lists them is itself wrong. `known`, a mapping, keeps them, so
    that each kind is looked up once in a check.
#}
{% macro _known_names(kind, known) %}
    {% if kind not in known %}{% do known.update({kind: segmentation._looked_up_names(kind)}) %}{% endif %}
    {{ return(known[kind]) }}
{% endmacro %}

{% macro _looked_up_names(kind) %}
    {% if kind == 'input' %}
        {{ return(segmentation.input_contract() | list) }}
    {% elif kind == 'segment' %}
        {{ return(segmentation.registered_segments()) }}
    {% elif kind == 'destination' %}
        {{ return(segmentation.audience_destinations() | list) }}
    {% elif kind == 'experiment metric' %}
        {{ return(segmentation.experiment_metrics() | map(attribute='name') | list) }}
    {% elif kind == 'user column' %}
        {{ return(segmentation.input_contract('users').columns | list) }}
    {% elif kind == 'numeric feature' %}
        {{ return(segmentation.features() | selectattr('type', 'in', ['bigint', 'double']) | map(attribute='name') | list) }}
    {% endif %}
    {% set events = segmentation._unchecked_setting('events') %}
    {#- Without a list any name may be an event. -#}
    {% if not events or events is string or events is mapping or events is not sequence or events | reject('mapping') | list %}
        {{ return(none) }}
    {% endif %}
    {% set names = [] %}
    {% for event in events if kind == 'event' or event.get('is_human', true) %}
        {% do names.append(event.get('name')) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}

{# A rule in words, to follow "must be". #}
{% macro _rule_text(rule) %}
    {% set type = rule.type %}
    {% set also = rule.get('also', []) | join(' or ') %}
    {% set text %}
        {%- if also and type in ['list', 'mapping'] %}{{ also }} or {% endif -%}
        {%- if 'values' in rule -%}
            one of {{ rule['values'] | join(', ') }}
        {%- elif 'names' in rule -%}
            {{ {
                'event': 'an event of `vars: events`', 'human event': 'a human event of `vars: events`',
                'segment': 'a registered segment (macros/registries/segments.sql)',
                'input': 'an input of the contract (docs/your-data.md)',
                'destination': 'one of ' ~ segmentation.audience_destinations() | join(', '),
                'experiment metric': 'a metric of experiment_metrics()',
                'user column': 'a column of the input users (docs/your-data.md)',
                'numeric feature': 'a numeric column of user_features (docs/features.md)',
            }[rule.names] }}
        {%- elif type in ['whole number', 'number', 'share'] -%}
            {{ 'a ' ~ ('number' if type == 'share' else type) ~ segmentation._bounds_text(segmentation._bounds(rule)) }}
        {%- elif type == 'list' -%}
            a list
            {%- if 'shortest' in rule and rule.shortest == rule.longest %} of {{ rule.shortest }} entries
            {%- elif 'shortest' in rule %} of at least {{ rule.shortest }} entries
            {%- endif -%}
            {{ {'ascending': ' in ascending order', 'not descending': ' in order'}.get(rule.order, '') }}, each{{ ' ' }}
            {{- segmentation._rule_text(rule['items']) }}
        {%- elif type == 'mapping' -%}
            a mapping {{ 'with ' ~ rule.fields | join(', ') if 'fields' in rule else 'of '
                ~ (segmentation._rule_text(rule['keys']) ~ ' to ' ~ segmentation._rule_text(rule['items'])) }}
        {%- else -%}
            {{ {
                'text': 'a text in lower case' if 'letter_case' in rule else 'a text', 'boolean': 'true or false',
                'date': 'a date (YYYY-MM-DD)', 'name': 'a name in lower snake case of at most 60 characters',
                'scalar': 'a text or a number', 'relation': 'the name of a seed or model or {source: …, table: …}',
            }[type] }}
        {%- endif -%}
        {%- if also and type not in ['list', 'mapping'] %} or {{ also }}{% endif -%}
    {% endset %}
    {{ return(text | trim) }}
{% endmacro %}

{# Bounds in words, to follow "a number". #}
{% macro _bounds_text(bounds) %}
    {% if 'at_least' in bounds and 'at_most' in bounds %}
        {{ return(' from ' ~ bounds.at_least ~ ' to ' ~ bounds.at_most) }}
    {% elif 'at_least' in bounds and 'less_than' in bounds %}
        {{ return(' from ' ~ bounds.at_least ~ ' to below ' ~ bounds.less_than) }}
    {% endif %}
    {% set parts = [] %}
    {% set named = {'at_least': '≥ ', 'greater_than': 'above ', 'at_most': 'at most ', 'less_than': 'below '} %}
    {% for bound, words in named.items() %}
        {% if bound in bounds %}{% do parts.append(words ~ bounds[bound]) %}{% endif %}
    {% endfor %}
    {{ return((' ' if parts else '') ~ parts | join(' and ')) }}
{% endmacro %}

{# A value as a message shows it. YAML makes a date of a day without quotes, which tojson() cannot write. #}
{% macro _shown(value) %}
    {% set parts = [] %}
    {% if value is mapping %}
        {% for key, item in value.items() %}
            {% do parts.append(tojson(key | string) ~ ': ' ~ segmentation._shown(item)) %}
        {% endfor %}
        {{ return('{' ~ parts | join(', ') ~ '}') }}
    {% elif value is sequence and value is not string %}
        {% for item in value %}{% do parts.append(segmentation._shown(item)) %}{% endfor %}
        {{ return('[' ~ parts | join(', ') ~ ']') }}
    {% endif %}
    {{ return(tojson(value | string if value is not none and value.isoformat is defined else value)) }}
{% endmacro %}

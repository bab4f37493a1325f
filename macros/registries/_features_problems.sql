{#
    What is wrong with a list of features, as a list of texts. Each names the feature, the field, the rule and the value.

    Arguments: entries (what default__features() returns).
#}
{% macro _features_problems(entries) %}
    {% if entries is not sequence or entries is string or entries is mapping or not entries %}
        {{ return(['features: must be a list of at least one entry, got ' ~ tojson(entries) ~ '.']) }}
    {% endif %}
    {% set fields = [
        'name', 'family', 'type', 'unit', 'bounds', 'can_be_null', 'privacy', 'reads', 'known_only_if_active',
        'window_days', 'related', 'description', 'definition',
    ] %}
    {% set optional = ['labels', 'profile', 'aliases', 'needs'] %}
    {% set advice = {
        'reads': 'the inputs and features that it is computed from',
        'related': 'the groups of features that say much the same, or none',
    } %}
    {% set inputs = segmentation.input_contract() | list
        + ['countries', 'country_aliases', 'job_title_roles', 'job_title_seniorities'] %}
    {% set names = [] %}
    {% for entry in entries if entry is mapping and entry.get('name') is string %}{% do names.append(entry.name) %}{% endfor %}
    {% set rules = segmentation._feature_rules() %}
    {% set seen = [] %}
    {% set attributes = [] %}
    {% set problems = [] %}
    {% for entry in entries %}
        {% if entry is not mapping %}
            {% do problems.append('features: entry ' ~ loop.index ~ ' must be a mapping, got ' ~ tojson(entry) ~ '.') %}
        {% else %}
            {% set has_name = entry.get('name') is string and entry.name.strip() != '' %}
            {% set place = 'features: ' ~ (entry.name if has_name else 'entry ' ~ loop.index) ~ ': ' %}
            {% for field in fields if field not in entry %}
                {% do problems.append(place ~ '`' ~ field ~ '` is required' ~ (': ' ~ advice[field] if field in advice else '') ~ '.') %}
            {% endfor %}
            {#- `trait` is for trait_features() alone. -#}
            {% for field in entry if field not in fields + optional + ['trait'] %}
                {% set nearest = segmentation._nearest_name(field | string, fields + optional) %}
                {% do problems.append(
                    place ~ 'unknown field `' ~ field ~ '`' ~ ('; did you mean `' ~ nearest ~ '`?' if nearest
                    else '; valid fields: ' ~ (fields + optional) | join(', ') ~ '.')
                ) %}
            {% endfor %}
            {% if has_name and not modules.re.fullmatch('[a-z][a-z0-9_]{0,39}', entry.name) %}
                {% do problems.append(
                    place ~ '`name` must be lower snake case of at most 40 characters, got ' ~ tojson(entry.name) ~ '.'
                ) %}
            {% elif has_name and entry.name in seen %}
                {% do problems.append(place ~ '`name` must occur once, and another entry has it too.') %}
            {% endif %}
            {% do seen.append(entry.name) %}
            {% for field, rule in rules.items() if field in entry %}
                {% set value = entry[field] %}
                {#- 0 and false are equal, and neither is what the other stands for -#}
                {% if (rule.choices is defined and (value not in rule.choices or (value is number and value is not boolean)))
                    or (rule.is_text is defined and not (value is string and value.strip())) %}
                    {% do problems.append(place ~ '`' ~ field ~ '` must be ' ~ rule.words ~ ', got ' ~ tojson(value) ~ '.') %}
                {% endif %}
            {% endfor %}
            {% do problems.extend(segmentation._needs_problems(entry, 'features: ' ~ (entry.name if has_name else 'entry ' ~ loop.index))) %}
            {% do problems.extend(segmentation._feature_number_problems(entry, place)) %}
            {% do problems.extend(segmentation._feature_reads_problems(entry, place, names, inputs)) %}
            {% do problems.extend(segmentation._feature_profile_problems(entry, place, names)) %}
            {% if entry.get('profile') is mapping and has_name %}
                {% set attribute = segmentation._profile_name(entry) %}
                {% if attribute in attributes %}
                    {% do problems.append(
                        place ~ '`profile` must have a `name` of its own, and another entry has ' ~ tojson(attribute) ~ ' too.'
                    ) %}
                {% endif %}
                {% do attributes.append(attribute) %}
            {% endif %}
        {% endif %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}

{# Fields that hold one of a few values, or a text. #}
{% macro _feature_rules() %}
    {% set rules = {} %}
    {% for field, choices in {
        'family': [
            'demographic', 'geographic', 'firmographic', 'technographic', 'customer', 'behavioral', 'psychographic', 'value',
            'marketing',
        ],
        'type': ['string', 'bigint', 'double', 'boolean', 'date'],
        'can_be_null': [true, false],
        'privacy': [none, 'personal', 'sensitive'],
        'known_only_if_active': [true, false],
    }.items() %}
        {% do rules.update({field: {
            'choices': choices, 'words': 'one of ' ~ (tojson(choices)[1:-1] | replace('null', 'none')),
        }}) %}
    {% endfor %}
    {% for field in ['name', 'description', 'definition'] %}
        {% do rules.update({field: {'is_text': true, 'words': 'a text'}}) %}
    {% endfor %}
    {{ return(rules) }}
{% endmacro %}

{# Unit, bounds and window of one entry. #}
{% macro _feature_number_problems(entry, place) %}
    {% set problems = [] %}
    {% set type = entry.get('type') %}
    {% set unit = entry.get('unit') %}
    {% set bounds = entry.get('bounds') %}
    {% set window = entry.get('window_days') %}
    {% if 'unit' in entry and type in ['bigint', 'double'] and not (unit is string and unit.strip()) %}
        {% do problems.append(place ~ '`unit` must be a text for type ' ~ type ~ ', got ' ~ tojson(unit) ~ '.') %}
    {% elif 'unit' in entry and type in ['string', 'boolean', 'date'] and unit is not none %}
        {% do problems.append(place ~ '`unit` must be none for type ' ~ type ~ ', got ' ~ tojson(unit) ~ '.') %}
    {% endif %}
    {% if bounds is not none and 'bounds' in entry %}
        {% set given = bounds if bounds is sequence and bounds is not string and bounds is not mapping else [] %}
        {% set numbers = given | select('number') | reject('boolean') | list %}
        {% if given | length != 2 or not numbers or numbers | length + given | select('none') | list | length != 2
            or (numbers | length == 2 and numbers[0] > numbers[1]) %}
            {% do problems.append(
                place ~ '`bounds` must be none or [lowest, highest], each a number or none, got ' ~ tojson(bounds) ~ '.'
            ) %}
        {% elif type in ['string', 'boolean', 'date'] %}
            {% do problems.append(place ~ '`bounds` must be none for type ' ~ type ~ ', got ' ~ tojson(bounds) ~ '.') %}
        {% endif %}
    {% endif %}
    {% if 'window_days' in entry and window is not none %}
        {% set suffix = modules.re.search('_([0-9]+)d(_ago)?$', entry.get('name') | string) %}
        {% if window is string and modules.re.fullmatch('[a-z][a-z0-9_]*', window) %}
        {% elif window is not integer or window is boolean or window < 1 %}
            {% do problems.append(
                place ~ '`window_days` must be none, a whole number ≥ 1 or the name of a variable, got ' ~ tojson(window) ~ '.'
            ) %}
        {% elif suffix and window < suffix.group(1) | int %}
            {% do problems.append(
                place ~ '`window_days` must be at least the ' ~ suffix.group(1) ~ ' days of the name, got ' ~ window ~ '.'
            ) %}
        {% endif %}
    {% elif 'window_days' in entry and modules.re.search('_[0-9]+d(_ago)?$', entry.get('name') | string) %}
        {% do problems.append(place ~ '`window_days` must be the days of the name, got none.') %}
    {% endif %}
    {% if entry.get('known_only_if_active') is sameas true and entry.get('can_be_null') is sameas false %}
        {% do problems.append(
            place ~ '`known_only_if_active` must be false if `can_be_null` is false, got true: it is always known.'
        ) %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}

{# What one entry is computed from, and related to. #}
{% macro _feature_reads_problems(entry, place, names, inputs) %}
    {% set problems = [] %}
    {% set reads = entry.get('reads') %}
    {% if 'reads' in entry %}
        {% if reads is not sequence or reads is string or reads is mapping or not reads %}
            {% do problems.append(
                place ~ '`reads` must be a list of at least one input or feature, got ' ~ tojson(reads) ~ '.'
            ) %}
        {% else %}
            {% for name in reads if name == entry.get('name') or name not in names + inputs %}
                {% set nearest = segmentation._nearest_name(name | string, names + inputs) %}
                {% do problems.append(
                    place ~ '`reads` must name inputs, reference seeds and other features, got ' ~ tojson(name)
                    ~ ("; did you mean '" ~ nearest ~ "'?" if nearest and nearest != name else '.')
                ) %}
            {% endfor %}
        {% endif %}
    {% endif %}
    {% for field in ['related', 'aliases'] if field in entry and entry[field] is not none %}
        {% set value = entry[field] %}
        {% set is_list = value is sequence and value is not string and value is not mapping and value | length > 0 %}
        {% set wrong = [] %}
        {% for name in (value if is_list else []) if name is not string or not modules.re.fullmatch('[a-z][a-z0-9_]*', name) %}
            {% do wrong.append(name) %}
        {% endfor %}
        {% if not is_list or wrong %}
            {% do problems.append(
                place ~ '`' ~ field ~ '` must be none or a list of names in lower snake case, got ' ~ tojson(value) ~ '.'
            ) %}
        {% endif %}
    {% endfor %}
    {% if entry.get('aliases') and not entry.get('related') %}
        {% do problems.append(place ~ '`aliases` is of use only with `related`.') %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}

{# Labels and profile of one entry. #}
{% macro _feature_profile_problems(entry, place, names) %}
    {% set problems = [] %}
    {% if 'labels' in entry %}
        {% set wrong = [] %}
        {% set labels = entry.labels if entry.labels is sequence and entry.labels is not string and entry.labels is not mapping else [] %}
        {% for label in labels if label is not sequence or label is string or label is mapping or label | length != 2
            or label | reject('string') | list %}
            {% do wrong.append(label) %}
        {% endfor %}
        {% if not labels or wrong %}
            {% do problems.append(
                place ~ '`labels` must be a list of [value, meaning], got ' ~ tojson(wrong[0] if wrong else entry.labels) ~ '.'
            ) %}
        {% elif labels | map('first') | list | last != 'null' %}
            {% do problems.append(place ~ '`labels` must end with what null means, got ' ~ tojson(labels[-1]) ~ '.') %}
        {% endif %}
    {% endif %}
    {% set profile = entry.get('profile') %}
    {% if 'profile' in entry %}
        {% if profile is not mapping or not (profile.get('label') is string and profile.label.strip()) %}
            {% do problems.append(place ~ '`profile` must be a mapping with a `label`, got ' ~ tojson(profile) ~ '.') %}
        {% else %}
            {% for field in profile if field not in ['label', 'bands', 'name', 'related', 'after'] %}
                {% do problems.append(
                    place ~ 'unknown field `' ~ field ~ '` in `profile`; valid fields: label, bands, name, related, after.'
                ) %}
            {% endfor %}
            {% if 'bands' in profile %}
                {% for problem in segmentation._value_bands_problems(profile.bands) %}
                    {% do problems.append(place ~ problem) %}
                {% endfor %}
            {% endif %}
            {% if entry.get('type') in ['bigint', 'double'] and 'bands' not in profile and 'labels' not in entry %}
                {% do problems.append(place ~ '`profile` must have `bands` for type ' ~ entry.type ~ ' without `labels`.') %}
            {% elif entry.get('type') in ['string', 'boolean', 'date'] and 'bands' in profile %}
                {% do problems.append(place ~ '`profile` must have no `bands` for type ' ~ entry.type ~ '.') %}
            {% endif %}
            {% if 'name' in profile and not (profile.name is string and modules.re.fullmatch('[a-z][a-z0-9_]{0,39}', profile.name)) %}
                {% do problems.append(
                    place ~ '`name` in `profile` must be lower snake case of at most 40 characters, got ' ~ tojson(profile.name) ~ '.'
                ) %}
            {% endif %}
            {% set related = profile.get('related', []) %}
            {% set is_list = related is sequence and related is not string and related is not mapping %}
            {% for name in (related if is_list else [related]) + ([profile.after] if 'after' in profile else []) if name not in names %}
                {% do problems.append(
                    place ~ '`related` and `after` in `profile` must name features, got ' ~ tojson(name) ~ '.'
                ) %}
            {% endfor %}
        {% endif %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}

{#
    What is wrong with a list of metrics, as a list of texts. Each names the metric, the rule and the value.

    Arguments: entries (what default__metrics() returns).
#}
{% macro _metrics_problems(entries) %}
    {% if entries is not sequence or entries is string or entries is mapping or not entries %}
        {{ return(['metrics: must be a list of at least one entry, got ' ~ tojson(entries) ~ '.']) }}
    {% endif %}
    {% set texts = ['name', 'label', 'description', 'unit', 'owner'] %}
    {% set choices = {
        'kind': ['binary', 'mean', 'ratio', 'nps', 'ordinal'],
        'level': ['user', 'account'],
        'direction': ['up', 'down', none],
        'tier': ['primary', 'secondary', 'guardrail'],
        'is_heavy_tailed': [true, false],
        'adds_up': [true, false],
    } %}
    {% set sql_fields = ['expression', 'numerator', 'denominator'] %}
    {% set fields = texts + choices.keys() | list + sql_fields + ['needs', 'metricflow'] %}
    {% set problems = [] %}
    {% set names = [] %}
    {% for entry in entries %}
        {% if entry is not mapping %}
            {% do problems.append('metrics: entry ' ~ loop.index ~ ' must be a mapping, got ' ~ tojson(entry) ~ '.') %}
        {% else %}
            {% set which = 'entry ' ~ loop.index %}
            {% if entry.get('name') is string and entry.name.strip() %}{% set which = entry.name %}{% endif %}
            {% set where = 'metrics: ' ~ which %}
            {% for field in texts + choices.keys() | list if field not in entry %}
                {% do problems.append(where ~ ': `' ~ field ~ '` is required.') %}
            {% endfor %}
            {% for field in texts if field in entry and not (entry[field] is string and entry[field].strip()) %}
                {% do problems.append(where ~ ': `' ~ field ~ '` must be a text, got ' ~ tojson(entry[field]) ~ '.') %}
            {% endfor %}
            {% if segmentation._owner_problem(entry.get('owner')) %}
                {% do problems.append(where ~ ': `owner` ' ~ segmentation._owner_problem(entry.owner)) %}
            {% endif %}
            {% for field, allowed in choices.items() if field in entry %}
                {#- 1 and true are equal, and neither is what the other stands for -#}
                {% if entry[field] not in allowed or (entry[field] is number and entry[field] is not boolean) %}
                    {% do problems.append(
                        where ~ ': `' ~ field ~ '` must be one of ' ~ tojson(allowed)[1:-1] | replace('null', 'none')
                        ~ ', got ' ~ tojson(entry[field]) ~ '.'
                    ) %}
                {% endif %}
            {% endfor %}
            {% for field in entry if field not in fields %}
                {% do problems.append(
                    'metrics: unknown field `' ~ field ~ '` in `' ~ which ~ '`; valid fields: ' ~ fields | join(', ') ~ '.'
                ) %}
            {% endfor %}
            {% if entry.get('name') is string and entry.name.strip() %}
                {#- Columns are named <metric>_squares and the like; engines cut or reject longer names than 63. -#}
                {% if not modules.re.fullmatch('[a-z][a-z0-9_]{0,39}', entry.name) %}
                    {% do problems.append(
                        where ~ ': `name` must be lower snake case of at most 40 characters, got ' ~ tojson(entry.name) ~ '.'
                    ) %}
                {% endif %}
                {% if entry.name in names %}
                    {% do problems.append(where ~ ': duplicate `name`; each metric needs its own.') %}
                {% endif %}
                {% do names.append(entry.name) %}
            {% endif %}
            {% set needed = ['numerator', 'denominator'] if entry.get('kind') == 'ratio' else ['expression'] %}
            {% if entry.get('kind') in choices.kind %}
                {% for field in sql_fields %}
                    {% if field in needed and not (entry.get(field) is string and entry.get(field).strip()) %}
                        {% do problems.append(
                            where ~ ': `' ~ field ~ '` must be SQL over user_features (kind ' ~ entry.kind ~ '), got '
                            ~ tojson(entry.get(field)) ~ '.'
                        ) %}
                    {% elif field not in needed and field in entry %}
                        {% do problems.append(
                            where ~ ': `' ~ field ~ '` does not go with kind ' ~ entry.kind ~ ', which has '
                            ~ needed | join(' and ') ~ ', got ' ~ tojson(entry[field]) ~ '.'
                        ) %}
                    {% endif %}
                {% endfor %}
                {% if entry.get('is_heavy_tailed') is sameas true and entry.kind not in ['mean', 'ratio'] %}
                    {% do problems.append(
                        where ~ ': `is_heavy_tailed` must be false for kind ' ~ entry.kind ~ ', got true: it does not have a tail to winsorize.'
                    ) %}
                {% endif %}
                {% if entry.get('adds_up') is sameas true and entry.kind not in ['binary', 'mean'] %}
                    {% do problems.append(
                        where ~ ': `adds_up` must be false for kind ' ~ entry.kind ~ ', got true: its sum over users is meaningless.'
                    ) %}
                {% endif %}
            {% endif %}
            {% do problems.extend(segmentation._needs_problems(entry, where)) %}
            {% if 'metricflow' in entry %}{% do problems.extend(segmentation._metricflow_problems(entry, where)) %}{% endif %}
        {% endif %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}

{# How MetricFlow shows one entry. #}
{% macro _metricflow_problems(entry, where) %}
    {% set problems = [] %}
    {% set shown = entry.metricflow %}
    {% if shown is not mapping %}
        {{ return([where ~ ': `metricflow` must be a mapping with a `description`, got ' ~ tojson(shown) ~ '.']) }}
    {% endif %}
    {% if entry.get('adds_up') is not sameas true %}
        {% do problems.append(where ~ ': `metricflow` goes only with `adds_up: true`: it shows the sum over users.') %}
    {% endif %}
    {% set parts = [['metricflow', shown, ['description'], ['mean']]] %}
    {% if 'mean' in shown and shown.mean is mapping %}
        {% do parts.append(['metricflow.mean', shown.mean, ['name', 'label', 'description'], []]) %}
    {% elif 'mean' in shown %}
        {% do problems.append(
            where ~ ': `metricflow.mean` must be a mapping of name, label, description, got ' ~ tojson(shown.mean) ~ '.'
        ) %}
    {% endif %}
    {% for part, values, texts, others in parts %}
        {% for field in texts if not (values.get(field) is string and values.get(field).strip()) %}
            {% do problems.append(
                where ~ ': `' ~ part ~ '.' ~ field ~ '` '
                ~ ('must be a text, got ' ~ tojson(values[field]) if field in values else 'is required') ~ '.'
            ) %}
        {% endfor %}
        {% for field in values if field not in texts + others %}
            {% do problems.append(
                where ~ ': unknown field `' ~ field ~ '` in `' ~ part ~ '`; valid fields: ' ~ (texts + others) | join(', ') ~ '.'
            ) %}
        {% endfor %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}

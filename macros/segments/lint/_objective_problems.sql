{#
    What is wrong with the goal in numbers of a segment, as a list of texts: objective (a text that segments may share), metric (of
    the registry), target and target_date. A segment in focus must have all four; any other may, and then all four too.

    Arguments: entry (see _segment_lint_entries()); metrics (metrics(), for who has them already).
#}
{% macro _objective_problems(entry, metrics=none) %}
    {% set fields = ['objective', 'metric', 'target', 'target_date'] %}
    {% set found = [] %}
    {% set given = [] %}
    {% for field in fields if entry.get(field) is not none %}{% do given.append(field) %}{% endfor %}
    {% set is_focus = entry.get('tier') == 'primary' and entry.get('status', 'active') == 'active' %}
    {% set missing = fields | reject('in', given) | list %}
    {% if missing and (is_focus or given) %}
        {% do found.append(
            missing | join(', ') ~ (': missing, and the segment is in focus' if is_focus else ': missing beside ' ~ given | join(', '))
            ~ ". In the config of the file, write such as 'objective': 'Keep customers', 'metric': 'retained_users_28d',"
            ~ " 'target': 0.6, 'target_date': '2027-03-31'."
        ) %}
    {% endif %}
    {% set objective = entry.get('objective') %}
    {% if objective is not none and (objective is not string or segmentation._is_placeholder(objective.strip())) %}
        {% do found.append('objective: it must say in words what is to be reached, got ' ~ tojson(objective) ~ '.') %}
    {% endif %}
    {% if metrics is none %}{% set metrics = segmentation.metrics() if entry.get('metric') is not none else [] %}{% endif %}
    {% set metric = metrics | selectattr('name', 'equalto', entry.get('metric')) | first %}
    {% if entry.get('metric') is not none and not metric %}
        {% set all = adapter.dispatch('metrics', 'segmentation')() %}
        {% set off = all | selectattr('name', 'equalto', entry.metric) | first %}
        {% set nearest = segmentation._nearest_name(entry.metric | string, metrics | map(attribute='name') | list) %}
        {% do found.append(
            'metric: it must be a metric of macros/registries/metrics.sql, got ' ~ tojson(entry.metric)
            ~ (
                ', which is off: it needs ' ~ off.needs | join(' and ') ~ ' (docs/variables.md).' if off
                else "; did you mean '" ~ nearest ~ "'?" if nearest else '.'
            )
        ) %}
    {% endif %}
    {% set target = entry.get('target') %}
    {% if target is not none and (target is not number or target is boolean) %}
        {% do found.append('target: it must be a number, got ' ~ tojson(target) ~ '.') %}
    {% elif target is not none and metric and metric.unit.startswith('share') and not 0 <= target <= 1 %}
        {% do found.append('target: `' ~ metric.name ~ '` is a ' ~ metric.unit ~ ', from 0 to 1, got ' ~ target ~ '.') %}
    {% endif %}
    {% set date = entry.get('target_date') %}
    {% if date is not none and not segmentation._is_date(date | string) %}
        {% do found.append('target_date: it must be the day to reach the target by, as YYYY-MM-DD, got ' ~ tojson(date | string) ~ '.') %}
    {% endif %}
    {% for field in ['owner_product', 'owner_gtm'] if entry.get(field) is not none %}
        {% set owner = entry.get(field) %}
        {% if owner is not string or segmentation._is_placeholder(owner.strip()) %}
            {% do found.append(field ~ ': it must be the name of a team or person, got ' ~ tojson(owner) ~ '.') %}
        {% elif segmentation._owner_problem(owner) %}
            {% do found.append(field ~ ': it ' ~ segmentation._owner_problem(owner)) %}
        {% endif %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}

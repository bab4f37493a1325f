{#
    The entry of metrics() that `vars: north_star` names. The old form, {event, days}, means core_actions_<days>d, or
    events_<days>d without an event.

    Call:   {% set metric = north_star_metric() %}
    Errors: a name that is not one of a known metric with a mean over users stops the parse.
#}
{% macro north_star_metric() %}
    {% do segmentation.setting('north_star') %}
    {{ return(segmentation.metrics() | selectattr('name', 'equalto', segmentation._north_star_name()) | first) }}
{% endmacro %}

{# The name of that metric. #}
{% macro _north_star_name() %}
    {% set value = segmentation._unchecked_setting('north_star') %}
    {% if value is mapping %}
        {{ return(('core_actions_' if value.get('event') else 'events_') ~ value.get('days') ~ 'd') }}
    {% endif %}
    {{ return(value) }}
{% endmacro %}

{# What is wrong with the name of a metric as the North Star, as a list of texts. #}
{% macro _north_star_problems(name) %}
    {% if not segmentation._are_events(segmentation._unchecked_setting('events')) %}{{ return([]) }}{% endif %}
    {% set entries = adapter.dispatch('metrics', 'segmentation')() %}
    {#- What is wrong with the metrics themselves is for _metrics_problems() to say. -#}
    {% if entries is not sequence or entries is string or entries is mapping or entries | reject('mapping') | list %}
        {{ return([]) }}
    {% endif %}
    {% set entries = entries + segmentation._north_star_counts(entries, name) %}
    {% set start = 'vars: `north_star` must be ' %}
    {% for entry in entries if entry.get('name') == name %}
        {% if entry.get('kind') not in ['binary', 'mean', 'nps'] %}
            {{ return([
                start ~ 'a metric that is a mean over users, so that its change can be split among groups of them, got '
                ~ tojson(name) ~ '; that is of kind ' ~ entry.get('kind') ~ '.'
            ]) }}
        {% elif not segmentation.is_known(entry.get('needs', [])) %}
            {{ return([
                start ~ 'a metric whose data are there, got ' ~ tojson(name) ~ '; it needs ' ~ entry.needs | join(', ')
                ~ (' (an event of `vars: events` with `is_core: true`)' if 'core_events' in entry.needs else '') ~ '.'
            ]) }}
        {% endif %}
        {{ return([]) }}
    {% endfor %}
    {% set nearest = segmentation._nearest_name(name, entries | map(attribute='name') | list) %}
    {{ return([
        start ~ 'the name of a metric (macros/registries/metrics.sql) or a mapping with event, days, got ' ~ tojson(name)
        ~ ("; did you mean '" ~ nearest ~ "'?" if nearest else '.')
    ]) }}
{% endmacro %}

{#
    The counts that are metrics only if they are the North Star, as entries of metrics(), those of `entries` left out: of core events
    or of all of them, in 7, 28 or 91 days.

    Arguments: entries (of metrics()), name (of the North Star).
#}
{% macro _north_star_counts(entries, name) %}
    {% set found = modules.re.fullmatch('(core_actions|events)_(7|28|91)d', name | string) %}
    {% if not found or name in entries | map(attribute='name') | list %}{{ return([]) }}{% endif %}
    {% set days = found.group(2) %}
    {{ return([
        segmentation._core_actions(days) if found.group(1) == 'core_actions' else
        {'name': name, 'label': 'Events in ' ~ days ~ ' days', 'kind': 'mean',
         'description': 'Events in the last ' ~ days ~ ' days; 0 if none; includes every user.',
         'expression': name, 'unit': 'events', 'level': 'user',
         'owner': 'product', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': true, 'adds_up': true}
    ]) }}
{% endmacro %}

{# The entry of metrics() that counts core events in so many days. #}
{% macro _core_actions(days) %}
    {{ return({
        'name': 'core_actions_' ~ days ~ 'd', 'label': 'Core actions in ' ~ days ~ ' days', 'kind': 'mean',
        'description': 'How often the user performed a core event'
            ~ (' (' ~ segmentation.core_events() | join(', ') ~ ')' if segmentation.core_events() else '')
            ~ ' in the last ' ~ days ~ ' days; 0 if never; includes every user.',
        'expression': 'core_actions_' ~ days ~ 'd', 'unit': 'actions', 'level': 'user',
        'owner': 'product', 'direction': 'up', 'tier': 'primary', 'is_heavy_tailed': true, 'adds_up': true,
        'needs': ['core_events'],
    }) }}
{% endmacro %}

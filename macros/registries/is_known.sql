{#
    Whether all that something needs is there: its inputs are on, its lists are not empty. What needs more is off instead of 0.

    Arguments: needs (a list of inputs, of variables that are lists, of feature_events and core_events: an event of
               `vars: events` that is one, and of csat_scale, ces_scale and satisfaction_scale of `vars: survey_scales`).
    Call:      {% if is_known(['subscriptions', 'activation_events']) %}
#}
{% macro is_known(needs) %}
    {% for name in needs %}
        {% if name == 'feature_events' %}
            {% set found = segmentation.listed_events() | selectattr('is_feature') | list %}
        {% elif name == 'core_events' %}
            {% set found = segmentation.core_events() %}
        {% elif name in segmentation._needed_scales() %}
            {% set found = segmentation._survey_scale(name | replace('_scale', ''))[1] is number %}
        {% elif name in segmentation.inputs() %}
            {#- A wrong value is for check_registries() to report. -#}
            {% set places = segmentation._unchecked_setting('inputs') %}
            {% set found = places is not mapping or places.get(name) %}
        {% else %}
            {% set found = segmentation._unchecked_setting(name) %}
        {% endif %}
        {% if not found %}{{ return(false) }}{% endif %}
    {% endfor %}
    {{ return(true) }}
{% endmacro %}

{# What may be needed, as a list of names. #}
{% macro _needed_things() %}
    {{ return(
        segmentation.inputs() | list + ['feature_events', 'core_events'] + segmentation._needed_scales()
        + segmentation.variables() | selectattr('type', 'equalto', 'list') | map(attribute='name') | reject('equalto', 'events') | list
    ) }}
{% endmacro %}

{# The scales of `vars: survey_scales` that something may need, as a list of names. #}
{% macro _needed_scales() %}
    {{ return(['csat_scale', 'ces_scale', 'satisfaction_scale']) }}
{% endmacro %}

{#
    Whether a feature can be known at all: the first of its `reads`, which it cannot be without, is on, and so is what it
    `needs`.

    Arguments: name (of a feature). A name that is no feature is known.
#}
{% macro is_known_feature(name) %}
    {% set feature = segmentation._feature_named(name) %}
    {% set first = (feature.get('reads') or ['users']) | first %}
    {{ return(
        segmentation.is_known(feature.get('needs', []))
        and (segmentation.is_known([first]) if first in segmentation.inputs() else segmentation.is_known_feature(first))
    ) }}
{% endmacro %}

{# The entry of features() with that name; an empty one if there is none. #}
{% macro _feature_named(name) %}
    {{ return(segmentation.features() | selectattr('name', 'equalto', name) | first | default({})) }}
{% endmacro %}

{# What is wrong with the `needs` of an entry, as a list of texts. #}
{% macro _needs_problems(entry, where) %}
    {% set needs = entry.get('needs', []) %}
    {% if needs is string or needs is mapping or needs is not sequence %}
        {{ return([where ~ ': `needs` must be a list, got ' ~ tojson(needs) ~ '.']) }}
    {% endif %}
    {% set things = segmentation._needed_things() %}
    {% set problems = [] %}
    {% for name in needs if name not in things %}
        {% set nearest = segmentation._nearest_name(name | string, things) %}
        {% do problems.append(
            where ~ ': `needs` must name inputs, kinds of events, scales or variables that are lists, got ' ~ tojson(name)
            ~ ("; did you mean '" ~ nearest ~ "'?" if nearest else '.')
        ) %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}

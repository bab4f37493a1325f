{#
    Stops the parse if an entry of a registry or the value of a variable breaks a rule, with all problems at once.

    user_features calls it, and every project has that model; setting() does if the variable asked for is wrong. So the rules
    must not call setting(): they read variables by _unchecked_setting().

    A new registry is one more line in _registry_problems().
#}
{% macro check_registries() %}
    {% set problems = segmentation._registry_problems() %}
    {% if problems %}
        {% do problems.append('docs/variables.md lists every variable, with its default and what it allows.') %}
        {{ exceptions.raise_compiler_error(problems | join('\n    ')) }}
    {% endif %}
{% endmacro %}

{#
    What is wrong with the registries and the variables, as a list of texts. The list of metrics reads `vars: events`, so its own
    faults are told once the events can be read.
#}
{% macro _registry_problems() %}
    {% set problems = segmentation._variables_problems()
        + segmentation._inputs_problems(segmentation.inputs())
        + segmentation._traits_problems()
        + segmentation._segments_problems(segmentation.registered_segments())
        + segmentation._features_problems(segmentation.features()) %}
    {% if segmentation._are_events(segmentation._unchecked_setting('events')) %}
        {% set problems = problems + segmentation._metrics_problems(adapter.dispatch('metrics', 'segmentation')()) %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}

{# Whether a value of `vars: events` can be read at all: a list of mappings. #}
{% macro _are_events(entries) %}
    {{ return(segmentation._value_holds(entries, {'type': 'list'}) and not entries | reject('mapping') | list) }}
{% endmacro %}

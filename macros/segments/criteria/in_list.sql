{#
    Users who are on a list of ids, as of each date: from added_on to the day before removed_on.

    Arguments: list (the name of a seed or model with user_id, added_on and removed_on; NULL in added_on: since ever, in
    removed_on: still), is_frozen (true: the name of a list that `make freeze` keeps in frozen_lists).
    Call:      in_list('beta_testers')
    Errors:    a name that is no name of a model stops the parse; so does one that dbt does not find. A frozen list that was
               never kept is empty.
#}
{% macro in_list(list, is_frozen=false) %}
    {% do segmentation._raise_problems(segmentation._unknown_arguments('in_list', kwargs, varargs, ['list', 'is_frozen'])) %}
    {% do segmentation._raise_problems(segmentation._in_list_problems(list, is_frozen)) %}
    {% set measure = {'kind': 'list', 'list': list, 'relation': 'frozen_lists' if is_frozen else list} %}
    {% set name = segmentation._measure_name('in_list_' ~ list, measure) %}
    {{ return(segmentation._criterion(name, 'on the ' ~ ('frozen ' if is_frozen else '') ~ 'list ' ~ list, {name: measure})) }}
{% endmacro %}

{# What is wrong with the arguments of in_list(), as a list of texts. #}
{% macro _in_list_problems(list, is_frozen=false) %}
    {% set problems = segmentation._argument_problems('in_list', [['list', list, 'text'], ['is_frozen', is_frozen, 'boolean']]) %}
    {% if not problems and not modules.re.fullmatch('[a-z][a-z0-9_]*', list) %}
        {% do problems.append('in_list: `list` must be a name in lower snake case, got ' ~ tojson(list) ~ '.') %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}

{#
    Users who meet at least one of the criteria.

    Arguments: one or more criteria, each SQL over user_features or a criterion macro.
    Call:      any_of("plan = 'pro'", performed('upgrade_requested', within_days=28))
    Errors:    no criterion, or an empty one, stops the parse.
#}
{% macro any_of() %}
    {% do segmentation._raise_problems(segmentation._unknown_arguments('any_of', kwargs, [], [])) %}
    {{ return(segmentation._combined('any_of', varargs, ' or ')) }}
{% endmacro %}

{#
    The common body of any_of(), all_of() and none_of(). Each part is made true or false first, so a NULL in one of
    them is "not met" and a negation is total over all users.
#}
{% macro _combined(macro, parts, operator) %}
    {% do segmentation._raise_problems(segmentation._combined_problems(macro, parts)) %}
    {% set sql = [] %}
    {% set texts = [] %}
    {% set measures = {} %}
    {% set segments = [] %}
    {% set accounts = {} %}
    {% for part in parts %}
        {% set criterion = segmentation._as_criterion(part) %}
        {% do sql.append('coalesce(' ~ criterion.sql ~ ', false)') %}
        {% do texts.append(criterion.text) %}
        {% do measures.update(criterion.measures) %}
        {% do segments.extend(criterion.segments) %}
        {% do accounts.update(criterion.accounts) %}
    {% endfor %}
    {% set negation = 'not ' if macro == 'none_of' else '' %}
    {{ return(segmentation._criterion(
        '(' ~ negation ~ '(' ~ sql | join(operator) ~ '))',
        macro | replace('_', ' ') ~ ': ' ~ texts | join('; '),
        measures, segments | unique | list, accounts,
    )) }}
{% endmacro %}

{# What is wrong with the parts of _combined(), as a list of texts. #}
{% macro _combined_problems(macro, parts) %}
    {% set problems = [] %}
    {% if not parts %}{% do problems.append(macro ~ ': at least one criterion is needed, got none.') %}{% endif %}
    {% for part in parts %}
        {% do problems.extend(segmentation._criterion_problems(macro, loop.index, part)) %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}

{# What is wrong with a value that should be a criterion, as a list of texts. #}
{% macro _criterion_problems(macro, name, value) %}
    {% if value is mapping and value.get('is_criterion') %}{{ return([]) }}{% endif %}
    {% if value is string and value.strip() %}{{ return([]) }}{% endif %}
    {% if value is undefined %}
        {#- Which name it was, Jinja has forgotten: the model's text says it. Of a package dbt knows no name without its prefix. #}
        {% set called = modules.re.findall('(?<![.\\w])([a-z]\\w*)[(]', model.raw_code) if model is defined else [] %}
        {% set ours = called | select('in', segmentation) | list if project_name != 'segmentation' else [] %}
        {{ return([
            macro ~ ": `" ~ name ~ "`: " ~ (
                "'" ~ ours[0] ~ "' is undefined: write segmentation." ~ ours[0] ~ "(…)." if ours
                else 'a name in it is undefined, so it is misspelt.'
            )
        ]) }}
    {% endif %}
    {{ return([
        macro ~ ": `" ~ name ~ "` must be an SQL expression over user_features or a criterion macro, got '" ~ value ~ "'."
    ]) }}
{% endmacro %}

{#
    Users of accounts whose users, present on the date, meet a criterion: any (default), all, none, at least n of them,
    or at least a share. Users without an account are not in it, except with `none`.

    Arguments: criterion (SQL over user_features or a criterion macro, but no other account_has()); which ('any', 'all',
    'none'), at_least (whole number ≥ 1), at_least_share (above 0 and at most 1): one of them.
    Call:      account_has("role = 'executive'", at_least=2)
    Errors:    two readings, an unknown one, or a nested account_has() stops the parse.
#}
{% macro account_has(criterion, which=none, at_least=none, at_least_share=none) %}
    {% do segmentation._raise_problems(segmentation._unknown_arguments('account_has', kwargs, varargs, [
        'criterion', 'which', 'at_least', 'at_least_share',
    ])) %}
    {% do segmentation._raise_problems(segmentation._account_has_problems(criterion, which, at_least, at_least_share)) %}
    {% set inner = segmentation._as_criterion(criterion) %}
    {% set name = segmentation._measure_name('account_users', {'sql': inner.sql}) %}
    {% set met = 'coalesce(' ~ name ~ ', 0)' %}
    {% if at_least is not none %}
        {% set sql = met ~ ' >= ' ~ at_least %}{% set words = 'at least ' ~ at_least ~ ' users' %}
    {% elif at_least_share is not none %}
        {% set sql = met ~ ' >= ' ~ at_least_share ~ ' * account_users_present' %}
        {% set sql = 'account_id is not null and ' ~ sql %}{% set words = 'at least ' ~ at_least_share ~ ' (as a share) of the users' %}
    {% elif which == 'all' %}
        {% set sql = 'account_id is not null and ' ~ met ~ ' = account_users_present' %}{% set words = 'all users' %}
    {% elif which == 'none' %}
        {% set sql = met ~ ' = 0' %}{% set words = 'no user' %}
    {% else %}
        {% set sql = met ~ ' >= 1' %}{% set words = 'a user' %}
    {% endif %}
    {{ return(segmentation._criterion(
        '(' ~ sql ~ ')', 'the account has ' ~ words ~ ' with: ' ~ inner.text, inner.measures, inner.segments, {name: inner.sql},
    )) }}
{% endmacro %}

{# What is wrong with the arguments of account_has(), as a list of texts. #}
{% macro _account_has_problems(criterion, which=none, at_least=none, at_least_share=none) %}
    {% set problems = segmentation._criterion_problems('account_has', 'criterion', criterion)
        + segmentation._argument_problems('account_has', [
            ['at_least', at_least, 'days'], ['at_least_share', at_least_share, 'share'],
        ]) %}
    {% if [which, at_least, at_least_share] | reject('none') | list | length > 1 %}
        {% do problems.append('account_has: only one of `which`, `at_least` and `at_least_share` can be given.') %}
    {% elif which is not none and which not in ['any', 'all', 'none'] %}
        {% do problems.append("account_has: `which` must be any, all or none, got '" ~ which ~ "'.") %}
    {% endif %}
    {% if not problems and segmentation._as_criterion(criterion).accounts %}
        {% do problems.append('account_has: `criterion` must not hold another account_has().') %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}

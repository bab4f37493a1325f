{#
    Users in the top share by a column, among the users of the same date for whom it is not NULL: cume_dist, descending,
    <= share. Users who tie with each other are all in it or all out.

    Arguments: column (SQL over user_features), share (number above 0 and at most 1).
    Call:      in_top_share('revenue_91d', 0.1)
    Errors:    another share stops the parse.
#}
{% macro in_top_share(column, share) %}
    {% do segmentation._raise_problems(segmentation._unknown_arguments('in_top_share', kwargs, varargs, [
        'column', 'share',
    ])) %}
    {% do segmentation._raise_problems(segmentation._in_top_share_problems(column, share)) %}
    {% set measure = {'kind': 'rank', 'column': column} %}
    {% set name = segmentation._measure_name('rank_' ~ column, measure) %}
    {{ return(segmentation._criterion(
        '(' ~ name ~ ' <= ' ~ share ~ ')', 'in the top ' ~ share ~ ' (share of users) by ' ~ column, {name: measure},
    )) }}
{% endmacro %}

{# What is wrong with the arguments of in_top_share(), as a list of texts. #}
{% macro _in_top_share_problems(column, share) %}
    {{ return(segmentation._argument_problems('in_top_share', [
        ['column', column, 'text'], ['share', share, 'required'], ['share', share, 'share'],
    ])) }}
{% endmacro %}

{#
    Users who meet all of the criteria: for use inside of any_of() and none_of().

    Arguments: one or more criteria, each SQL over user_features or a criterion macro.
    Call:      any_of("is_trial", all_of("mrr > 0", performed('report_exported')))
    Errors:    no criterion, or an empty one, stops the parse.
#}
{% macro all_of() %}
    {% do segmentation._raise_problems(segmentation._unknown_arguments('all_of', kwargs, [], [])) %}
    {{ return(segmentation._combined('all_of', varargs, ' and ')) }}
{% endmacro %}

{#
    Users who meet none of the criteria. Total over all users: who has no value, or no row, meets nothing and is in it.

    Arguments: one or more criteria, each SQL over user_features or a criterion macro.
    Call:      none_of(performed('report_exported', within_days=28), "plan = 'free'")
    Errors:    no criterion, or an empty one, stops the parse.
#}
{% macro none_of() %}
    {% do segmentation._raise_problems(segmentation._unknown_arguments('none_of', kwargs, [], [])) %}
    {{ return(segmentation._combined('none_of', varargs, ' or ')) }}
{% endmacro %}

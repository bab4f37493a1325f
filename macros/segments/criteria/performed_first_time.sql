{#
    Users whose first event of that name, in all history known on the date, lies in the window.

    Arguments: event (a name or a list of names), within_days or between or within_days_of_signup (as in performed()).
    Call:      performed_first_time('report_created', within_days=7)
    Errors:    an unlisted event or a missing window stops the parse.
#}
{% macro performed_first_time(event, within_days=none, between=none, within_days_of_signup=none) %}
    {% do segmentation._raise_problems(segmentation._unknown_arguments('performed_first_time', kwargs, varargs, [
        'event', 'within_days', 'between', 'within_days_of_signup',
    ])) %}
    {{ return(segmentation._nth_time('performed_first_time', event, 1, within_days, between, within_days_of_signup)) }}
{% endmacro %}

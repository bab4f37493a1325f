{#
    One user's value of the North Star metric: how often the user performed `north_star.event` (any human event if it is null)
    per `north_star.days` days, as a mean over the window that ends with the date. 0 if never.

    Reads user_features and key_events (the rows of user_key_events with that event) from the relations in scope.

    Arguments: days (length of the window: 7, 28 or 91).
    Call:      {{ north_star_value(28) }} as north_star
    Errors:    other days stop the parse.
#}
{% macro north_star_value(days) -%}
    {%- set north_star = segmentation.setting('north_star') -%}
    {%- do segmentation._raise_problems(segmentation._north_star_problems(days)) -%}
    {%- set count = 'coalesce(key_events.count_' ~ days ~ 'd, 0)' if north_star.event else 'user_features.events_' ~ days ~ 'd' -%}
    {{ count }} * {{ north_star.days }}e0 / {{ days }}e0
{%- endmacro %}

{# What is wrong with the argument of north_star_value(), as a list of texts. #}
{% macro _north_star_problems(days) -%}
    {{ return([] if days in [7, 28, 91] else ['north_star_value: `days` must be one of 7, 28, 91, got ' ~ tojson(days) ~ '.']) }}
{%- endmacro %}

{#
    One user's value of the North Star, as SQL over one row of user_features; NULL leaves the user out. A count over 7, 28 or 91
    days can be had over another of these windows: as a mean, in its own unit, so that one odd week does not decide.

    Arguments: days (length of the window: 7, 28 or 91; none: the metric's own).
    Call:      {{ north_star_value(28) }} as north_star
    SQL:       cast(core_actions_28d * 7e0 / 28e0 as double)
    Errors:    other days stop the parse.
#}
{% macro north_star_value(days=none) -%}
    {%- do segmentation._raise_problems(segmentation._north_star_window_problems(days)) -%}
    {%- set metric = segmentation.north_star_metric() -%}
    {%- set own = segmentation._north_star_days() -%}
    {%- if days is none or own is none or own == days -%}
        cast({{ metric.expression }} as double)
    {%- else -%}
        cast({{ metric.expression.rpartition('_')[0] }}_{{ days }}d * {{ own }}e0 / {{ days }}e0 as double)
    {%- endif -%}
{%- endmacro %}

{#
    The days of the North Star's window if it is a plain count over 7, 28 or 91 days that user_features also has over the others;
    none for any other metric.
#}
{% macro _north_star_days() -%}
    {%- set metric = segmentation.north_star_metric() -%}
    {%- set found = modules.re.fullmatch('([a-z_]+)_(7|28|91)d', metric.expression | trim) -%}
    {%- if found -%}
        {%- set names = segmentation.features() | map(attribute='name') | list -%}
        {%- for days in [7, 28, 91] if found.group(1) ~ '_' ~ days ~ 'd' not in names -%}{{ return(none) }}{%- endfor -%}
        {{ return(found.group(2) | int) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}

{# What is wrong with the argument of north_star_value(), as a list of texts. #}
{% macro _north_star_window_problems(days) -%}
    {{ return([] if days in [none, 7, 28, 91] else ['north_star_value: `days` must be one of 7, 28, 91, got ' ~ tojson(days) ~ '.']) }}
{%- endmacro %}

{#
    One user's value of the North Star metric: how often the user performed `north_star.event` (any human event if it is null)
    per `north_star.days` days, as a mean over the window that ends with the date. 0 if never.

    Reads user_features and key_events (the rows of user_key_events with that event) from the relations in scope.

    Arguments: days (length of the window: 7, 28 or 91).
    Call:   {{ north_star_value(28) }} as north_star
    Errors: other days, or an event that `vars: events` does not list, stop the compilation. Not the parse: a package's
            default names an event that the project around it may not have, and a project that does not build the
            mart need not care.
#}
{% macro north_star_value(days) -%}
    {%- set north_star = var('north_star') -%}
    {%- set problems = segmentation._north_star_problems(north_star, days) -%}
    {%- if execute and problems -%}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{%- endif -%}
    {%- set count = 'coalesce(key_events.count_' ~ days ~ 'd, 0)' if north_star.event else 'user_features.events_' ~ days ~ 'd' -%}
    {{ count }} * {{ north_star.days }}e0 / {{ days }}e0
{%- endmacro %}

{# What is wrong with the mappings `vars: north_star` and `north_star_base`, but for the name of the event, as a list of texts. #}
{% macro _north_star_settings_problems(north_star, base) -%}
    {%- set days = [7, 28, 91] -%}
    {{ return(
        segmentation._mapping_problems('north_star', north_star, {'event': 'text?', 'days': days})
        + segmentation._mapping_problems('north_star_base', base, {'days': days, 'periods_back': 'days', 'date': 'date?'})
    ) }}
{%- endmacro %}

{# What is wrong with `vars: north_star` and a window, as a list of texts. #}
{% macro _north_star_problems(north_star, days) -%}
    {%- set problems = [] -%}
    {%- for name, value in [('`days`', north_star.get('days')), ('the window', days)] if value not in [7, 28, 91] -%}
        {%- do problems.append("vars: north_star: " ~ name ~ " must be 7, 28 or 91 days, got " ~ value ~ ".") -%}
    {%- endfor -%}
    {%- set human_events = segmentation.listed_events() | selectattr('is_human') | map(attribute='name') | list -%}
    {%- if north_star.get('event') and north_star.event not in human_events -%}
        {%- do problems.append(
            "vars: north_star: `event` must be a human event of vars: events, or null for any, got '" ~ north_star.event ~ "'."
        ) -%}
    {%- endif -%}
    {{ return(problems) }}
{%- endmacro %}

{#
    The names in `vars: events` that have all the given properties, as a list of SQL literals for `in (…)`.

    A name without is_human is human, one without is_feature is no feature. An empty result renders as the empty text,
    which no event is named.

    Arguments: is_human, is_feature (booleans), category (text); none = any.
    Call:      event_name in ({{ event_names(is_feature=true) }})
#}
{% macro event_names(is_human=none, is_feature=none, category=none) -%}
    {%- set names = [] -%}
    {%- for event in segmentation.listed_events() -%}
        {%- if (is_human is none or event.is_human == is_human)
            and (is_feature is none or event.is_feature == is_feature)
            and (category is none or event.category == category) -%}
            {%- do names.append(event.name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(segmentation.text_literals(names)) }}
{%- endmacro %}

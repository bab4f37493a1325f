{# The bounds of a rating, [least, most], from the variable survey_scales; both none if it gives none. #}
{% macro _survey_scale(name) %}
    {% set scales = var('survey_scales') %}
    {% set scale = scales[name] if scales is mapping and name in scales else none %}
    {% if scale is none %}{{ return([none, none]) }}{% endif %}
    {% if scale is string or scale is mapping or scale is not iterable or scale | list | length != 2
        or scale | select('number') | reject('boolean') | list | length != 2 or scale[0] >= scale[1] %}
        {{ exceptions.raise_compiler_error(
            "vars: survey_scales: `" ~ name ~ "` must be [least, most] or null, got " ~ tojson(scale) ~ "."
        ) }}
    {% endif %}
    {{ return(scale) }}
{% endmacro %}

{# What scores are legal, as SQL: NPS is 0 to 10 by definition, other scales are settings. #}
{% macro _score_range() %}
    {% set parts = ["when 'nps' then {} between 0 and 10"] %}
    {% for instrument in ['csat', 'ces'] %}
        {% set scale = segmentation._survey_scale(instrument) %}
        {% if scale[0] is not none %}
            {% do parts.append("when '" ~ instrument ~ "' then {} between " ~ scale[0] ~ ' and ' ~ scale[1]) %}
        {% endif %}
    {% endfor %}
    {{ return('case lower(text_of_instrument) ' ~ parts | join(' ') ~ ' else true end') }}
{% endmacro %}

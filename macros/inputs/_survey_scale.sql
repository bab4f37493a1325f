{#
    The bounds of a rating, [least, most], as the variable survey_scales has them; both none if it gives none.
    Not by setting(): checks of variables read the contract.

    Arguments: name (of the scale); scales (the value of the variable, for who has it already).
#}
{% macro _survey_scale(name, scales=none) %}
    {% set scales = scales if scales is not none else segmentation._unchecked_setting('survey_scales') %}
    {% set scale = scales.get(name) if scales is mapping else none %}
    {{ return(scale if scale is sequence and scale | length == 2 else [none, none]) }}
{% endmacro %}

{# What scores are legal, as SQL: NPS is 0 to 10 by definition, other scales are settings. #}
{% macro _score_range(scales) %}
    {% set parts = ["when 'nps' then {} between 0 and 10"] %}
    {% for instrument in ['csat', 'ces'] %}
        {% set scale = segmentation._survey_scale(instrument, scales) %}
        {% if scale[0] is not none %}
            {% do parts.append("when '" ~ instrument ~ "' then {} between " ~ scale[0] ~ ' and ' ~ scale[1]) %}
        {% endif %}
    {% endfor %}
    {{ return('case lower(text_of_instrument) ' ~ parts | join(' ') ~ ' else true end') }}
{% endmacro %}

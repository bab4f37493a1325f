{#
    The traits of average_user_gap: those of setting('average_traits') that can be known. One whose input is off is the same for
    everybody, so that all would be average in it.

    Call:   {% for trait in average_traits() %}
#}
{% macro average_traits() %}
    {% set traits = [] %}
    {% for trait in segmentation.setting('average_traits') if segmentation.is_known_feature(trait) %}
        {% do traits.append(trait) %}
    {% endfor %}
    {{ return(traits) }}
{% endmacro %}

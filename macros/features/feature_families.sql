{#
    The columns that user_features takes from each family, as features() lists them: family -> list of columns. The family's
    model is user_<family>_features.

    Call: {% for family, columns in feature_families().items() %}
#}
{% macro feature_families() %}
    {% set families = {} %}
    {% for feature in segmentation.features() %}
        {% do families.update({feature.family: families.get(feature.family, []) + [feature.name]}) %}
    {% endfor %}
    {{ return(families) }}
{% endmacro %}

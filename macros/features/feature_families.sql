{#
    The columns that user_features takes from each family, as features() lists them: family -> list of columns. The family's
    model is user_<family>_features. Traits of a project's own are one family, `own`, whatever they are about.

    Call: {% for family, columns in feature_families().items() %}
#}
{% macro feature_families() %}
    {% set families = {} %}
    {% for feature in segmentation.features() %}
        {% set family = 'own' if feature.trait is defined else feature.family %}
        {% do families.update({family: families.get(family, []) + [feature.name]}) %}
    {% endfor %}
    {{ return(families) }}
{% endmacro %}

{#
    The traits of a project's own that are personal or sensitive, as a mapping name -> personal or sensitive. A model keeps it in its
    `meta`, for the columns that its YAML file cannot list; publishing withholds them.

    Call: {{ config(meta={'private_traits': segmentation.private_traits()}) }}
#}
{% macro private_traits() %}
    {% set found = {} %}
    {% for trait in segmentation.traits() if trait.get('privacy') %}{% do found.update({trait.name: trait.privacy}) %}{% endfor %}
    {{ return(found) }}
{% endmacro %}

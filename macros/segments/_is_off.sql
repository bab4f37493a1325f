{#
    Whether a model is switched off: by its config, or because it is one of our segments in a project that installs this one as
    a package and does not name it in its list. dbt renders such a model all the same.
#}
{% macro _is_off(node) %}
    {{ return(
        node.config.enabled is false
        or (
            node.package_name == 'segmentation' and project_name != 'segmentation'
            and node.get('fqn', [])[1:2] == ['segments'] and node.name not in segmentation.registered_segments()
        )
    ) }}
{% endmacro %}

{#
    Whether a model is switched off: by its config, because it is one of our segments in a project that installs this one as
    a package and does not name it in its list, or because the lifecycle is off. dbt renders such a model all the same.
#}
{% macro _is_off(node) %}
    {{ return(
        node.config.enabled is false
        or (
            node.package_name == 'segmentation' and node.get('fqn', [])[1:2] == ['segments']
            and (project_name != 'segmentation' or node.name in segmentation._all_lifecycle_segments())
            and node.name not in segmentation.registered_segments()
        )
    ) }}
{% endmacro %}

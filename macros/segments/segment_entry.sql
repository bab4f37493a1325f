{#
    What is known about a registered segment from its file: the fields of its config's meta, its type (the folder), its package,
    its definition (the file's text without the config) and reads_models (the unique ids of what it reads).

    In another project the focus and the targets of our segments are left out: they are those of the sample's company.

    Arguments: segment (name). Outside of execution (parse) all fields are missing.
    Call:      {% set entry = segment_entry('power_users') %}
#}
{% macro segment_entry(segment) %}
    {% if not execute %}{{ return({}) }}{% endif %}
    {% for node in graph.nodes.values() if node.resource_type == 'model' and node.name == segment %}
        {% set entry = dict(node.config.meta) %}
        {% do entry.update({
            'package': node.package_name, 'type': node.fqn[-2], 'reads_models': node.depends_on.nodes,
            'definition': modules.re.sub('(?s)^[ \n]*[{][{][ \n]*config[(].*?[)][ \n]*[}][}][ \n]*', '', node.raw_code).strip(),
        }) %}
        {% if node.package_name == 'segmentation' and project_name != 'segmentation' %}
            {% do entry.update({'tier': 'micro' if not entry.get('lifecycle') else none}) %}
            {% for field in ['objective', 'metric', 'target', 'target_date', 'owner_product', 'owner_gtm'] %}{% do entry.pop(field, none) %}{% endfor %}
        {% endif %}
        {{ return(entry) }}
    {% endfor %}
    {{ return({}) }}
{% endmacro %}

{#
    Stops the build if a model in a folder named `segments` is missing from the list of registered_segments().

    Runs on-run-start and covers segments in plain SQL; segment() itself checks at parse. A line without a
    file stops dbt earlier ("depends on a node named … which was not found"), and scripts/build.py says what to do.
#}
{% macro check_registered_segments() %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% set registered = segmentation.registered_segments() %}
    {% for node in graph.nodes.values()
        if node.resource_type == 'model' and node.fqn | length > 3 and node.fqn[1] == 'segments' %}
        {% if node.name not in registered %}
            {{ exceptions.raise_compiler_error(segmentation._unregistered_segment_message(node.name, node.original_file_path)) }}
        {% endif %}
    {% endfor %}
    {{ return('') }}
{% endmacro %}

{% macro _unregistered_segment_message(name, path) %}
    {{ return(
        "Segment `" ~ name ~ "` (" ~ path ~ ") is not registered, so marts would not see it. Add the line\n"
        ~ "        '" ~ name ~ "',\n"
        ~ "    to the list in macros/registries/segments.sql, or remove the file."
    ) }}
{% endmacro %}

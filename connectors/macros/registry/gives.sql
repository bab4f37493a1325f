{#
    Whether a tool gives an input: the variable names a table that it is read from, or a schema or folder where that may be. The models of connectors are on by it. With `gives(none, input)`: whether any tool does.

    Arguments: tool (or none), input.
    Call:      {{ config(enabled=gives('mixpanel', 'events')) }}
#}
{% macro gives(tool, input) %}
    {{ return(segmentation_connectors.tools_giving(input) | length > 0 if tool is none else tool in segmentation_connectors.tools_giving(input)) }}
{% endmacro %}

{#
    The tools in the order in which they are asked for an attribute of users or accounts: the first that has a value gives it. What the
    variable `attribute_priority` says of the attribute, then its `default`, then the order of the variable `connectors`.

        attribute_priority:
          default: [salesforce, mixpanel]
          users: {country: [mixpanel, salesforce]}

    Arguments: input, attribute.
    Returns:   list of tools, each that gives the input once.
    Errors:    a tool that does not give the input stops the parse.
#}
{% macro attribute_priority(input, attribute) %}
    {% set giving = segmentation_connectors.tools_giving(input) %}
    {% set said = var('attribute_priority', {}) or {} %}
    {% set of_attribute = (said.get(input) or {}).get(attribute, []) %}
    {% for tool in of_attribute if tool not in giving %}
        {{ exceptions.raise_compiler_error('attribute_priority: ' ~ input ~ ': ' ~ attribute ~ ': `' ~ tool ~ '` does not give '
            ~ input ~ '; tools that do are ' ~ giving | join(', ') ~ '.') }}
    {% endfor %}
    {% for column in (said.get(input) or {}) if column not in segmentation.input_contract(input).columns %}
        {{ exceptions.raise_compiler_error('attribute_priority: ' ~ input ~ ' does not have the attribute `' ~ column ~ '`.') }}
    {% endfor %}
    {{ return((of_attribute + said.get('default', []) | select('in', giving) | list + giving) | unique | list) }}
{% endmacro %}

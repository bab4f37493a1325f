{#
    What one input must offer, or every input: an entry of inputs(), or all of them as a dict (input name -> entry).

    Arguments: name (an input; none for all).
    Call:      {{ input_contract('events').columns }}
    Errors:    an unknown name stops the parse.
#}
{% macro input_contract(name=none) %}
    {% set contract = segmentation.inputs() %}
    {% if name is none %}{{ return(contract) }}{% endif %}
    {% if name not in contract %}
        {{ exceptions.raise_compiler_error(
            "input_contract: `name` must be one of " ~ contract.keys() | join(', ') ~ ", got '" ~ name ~ "'."
        ) }}
    {% endif %}
    {{ return(contract[name]) }}
{% endmacro %}

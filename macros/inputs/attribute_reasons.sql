{#
    The reasons of its own for which a row of attribute_history is rejected, for checked_input(): an entity or attribute that no
    model reads, and a value that the attribute's own column would not take. Such a value is no "cleared": the one before
    it still holds.

    Call: {{ checked_input('attribute_history', reasons=attribute_reasons()) }}
#}
{% macro attribute_reasons() %}
    {% set attributes = segmentation.input_contract('attribute_history').attributes %}
    {% set unknown, unreadable, outside, placeholders = [], [], [], [] %}
    {% for entity, names in attributes.items() %}
        {% set contract = segmentation.input_contract(entity ~ 's') %}
        {% set is_entity = "entity = '" ~ entity ~ "'" %}
        {% do unknown.append(is_entity ~ ' and attribute not in (' ~ segmentation.text_literals(names) ~ ')') %}
        {% for name in names %}
            {% set is_attribute = is_entity ~ " and attribute = '" ~ name ~ "' and value is not null" %}
            {% set type = contract.columns[name] %}
            {% if name in segmentation.id_columns(entity ~ 's') %}
                {% do placeholders.append(is_attribute ~ ' and ' ~ segmentation.real_id('value') ~ ' is null') %}
            {% endif %}
            {% if type in ('integer', 'money', 'double', 'boolean', 'date') %}
                {% set read = segmentation._typed('value', type, 'UTC') %}
                {% do unreadable.append(is_attribute ~ ' and ' ~ read ~ ' is null') %}
                {% if name in contract.get('ranges', {}) %}
                    {# A birth year is judged by the time of the row, not by a signup that the row does not know. #}
                    {% set legal = segmentation._is_legal(contract, name, '(' ~ read ~ ')') | replace('signed_up_at', 'valid_from') %}
                    {% do outside.append(is_attribute ~ ' and not (' ~ legal ~ ')') %}
                {% endif %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {{ return({
        'unknown_entity': 'entity not in (' ~ segmentation.text_literals(attributes) ~ ')',
        'unknown_attribute': '(' ~ unknown | join(') or (') ~ ')',
        'placeholder_id': '(' ~ placeholders | join(') or (') ~ ')',
        'unreadable_value': '(' ~ unreadable | join(') or (') ~ ')',
        'out_of_range': '(' ~ outside | join(') or (') ~ ')',
    }) }}
{% endmacro %}

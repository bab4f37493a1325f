{#
    The traits of a project's own (variable `traits`), one entry each, as the project wrote them. trait_features() makes features
    of them.

    Only entries that can be read are in it: check_registries() reports the others, and whoever loops over this list before that
    goes on without them.

    Call: {% for trait in traits() %}
#}
{% macro traits() %}
    {#- Not setting(): features() and inputs() call this hundreds of times in a parse, and setting() reads them when it checks. -#}
    {% set given = var('traits', segmentation._default_of({'name': 'traits', 'default': []})) %}
    {% set found = [] %}
    {% for entry in (given if given is sequence and given is not string and given is not mapping else []) if entry is mapping %}
        {% if [entry.get('name'), entry.get('type'), entry.get('in')] | select('string') | list | length == 3 %}
            {% do found.append(entry) %}
        {% endif %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}

{# The inputs that a trait can be in; anything else is a model. #}
{% macro _inputs_of_traits() %}
    {{ return(['users', 'accounts', 'survey_responses']) }}
{% endmacro %}

{# Whether a trait is computed by a model of the project. #}
{% macro _is_of_model(trait) %}
    {{ return(trait['in'] not in segmentation._inputs_of_traits()) }}
{% endmacro %}

{# The type of a trait -> how an input's column of text is read for it. #}
{% macro _input_types_of_traits() %}
    {{ return({'string': 'text', 'list': 'text', 'bigint': 'integer', 'double': 'double', 'boolean': 'boolean', 'date': 'date'}) }}
{% endmacro %}

{#
    The inputs, with what traits add to them: a column of users or accounts, and its history in attribute_history.

    Arguments: entries (see inputs()); they are changed.
#}
{% macro _inputs_with_traits(entries) %}
    {% set types = segmentation._input_types_of_traits() %}
    {% for trait in segmentation.traits() if trait['in'] in ['users', 'accounts'] and trait.type in types %}
        {% set columns = entries[trait['in']]['columns'] %}
        {% if trait.name not in columns %}
            {% do columns.update({trait.name: types[trait.type]}) %}
            {% do entries['attribute_history']['attributes'][trait['in'][:-1]].append(trait.name) %}
        {% endif %}
    {% endfor %}
    {{ return(entries) }}
{% endmacro %}

{#
    What is wrong with the variable `traits` beyond its rule in variables() and beyond what _features_problems() says of the features
    made of it, as a list of texts.
#}
{% macro _traits_problems() %}
    {% set problems = [] %}
    {% set contract = segmentation._inputs() %}
    {% for trait in segmentation.traits() %}
        {% set place = 'vars: traits: ' ~ trait.name ~ ': ' %}
        {% if trait.name in contract.get(trait['in'], {}).get('columns', []) and trait['in'] != 'survey_responses' %}
            {% do problems.append(
                place ~ '`name` must not be a column of the contract, and `' ~ trait['in'] ~ '` has one of that name.'
            ) %}
        {% endif %}
        {% if segmentation._is_of_model(trait) %}
            {% if not trait.get('reads') %}
                {% do problems.append(
                    place ~ "`reads` is required for a trait in a model: the inputs and features that `" ~ trait['in']
                    ~ "` is computed from, such as [events]."
                ) %}
            {% endif %}
        {% else %}
            {% for field in ['dated_by', 'if_missing', 'reads'] if field in trait %}
                {% do problems.append(place ~ '`' ~ field ~ '` is for a trait in a model, and this one is in ' ~ trait['in'] ~ '.') %}
            {% endfor %}
        {% endif %}
        {% if 'question' in trait and trait['in'] != 'survey_responses' %}
            {% do problems.append(place ~ '`question` is for a trait in survey_responses, and this one is in ' ~ trait['in'] ~ '.') %}
        {% endif %}
        {% if 'bands' in trait and trait.type not in ['bigint', 'double'] %}
            {% do problems.append(place ~ '`bands` is for a number, and this one is of type ' ~ trait.type ~ '.') %}
        {% endif %}
        {% if 'values' in trait and trait.type not in ['string', 'list'] %}
            {% do problems.append(place ~ '`values` is for a string or list, and this one is of type ' ~ trait.type ~ '.') %}
        {% endif %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}

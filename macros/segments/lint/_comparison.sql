{#
    What a conjunct says about one column, as a mapping {column, and bounds, labels or is_null}; empty if it says anything
    else. `bounds` is a list of [operator, number as text], `labels` a list of texts.
    Example: mrr > 5                     -> {'column': 'mrr', 'bounds': [['>', '5']]}
             9 >= mrr                    -> {'column': 'mrr', 'bounds': [['<=', '9']]}
             mrr between -1 and 9        -> {'column': 'mrr', 'bounds': [['>=', '-1'], ['<=', '9']]}
             plan in ('Pro', 'team')     -> {'column': 'plan', 'labels': ['pro', 'team']}
             not is_trial                -> {'column': 'is_trial', 'labels': ['false']}
             plan is null                -> {'column': 'plan', 'is_null': true}
             mrr > active_days_28d       -> {}
#}
{% macro _comparison(tokens) %}
    {% set tokens = segmentation._with_signs(tokens) %}
    {{ return(
        segmentation._bounds_in(tokens) or segmentation._labels_in(tokens) or segmentation._truth_in(tokens)
        or segmentation._null_in(tokens)
    ) }}
{% endmacro %}

{# Tokens, with a minus and the token behind it as one. Example: mrr > - 5 -> ['mrr', '>', '-5'] #}
{% macro _with_signs(tokens) %}
    {% set signed = [] %}
    {% for token in tokens %}
        {% if signed and signed[-1] == '-' %}{% do signed.append(signed.pop() ~ token) %}
        {% else %}{% do signed.append(token) %}
        {% endif %}
    {% endfor %}
    {{ return(signed) }}
{% endmacro %}

{# The column that a token names, in lower case, or none. Example: MRR -> mrr; "plan" -> plan; 'pro' -> none #}
{% macro _column_named(token) %}
    {% set name = token[1:-1] if token.startswith('"') else token %}
    {{ return(name | lower if modules.re.fullmatch(segmentation._word_pattern(), name) else none) }}
{% endmacro %}

{# Whether a token is a number, with or without a minus. #}
{% macro _is_number(token) %}
    {{ return(modules.re.fullmatch('-?' ~ segmentation._number_pattern(), token) is not none) }}
{% endmacro %}

{# The bounds of a column, see _comparison(): column op number, number op column, column between number and number. #}
{% macro _bounds_in(tokens) %}
    {% set flipped = {'<': '>', '>': '<', '<=': '>=', '>=': '<=', '=': '='} %}
    {% set words = tokens | map('lower') | list %}
    {% set first, last = segmentation._column_named(tokens[0]), segmentation._column_named(tokens[-1]) %}
    {% if tokens | length == 3 and tokens[1] in flipped %}
        {% if first and segmentation._is_number(tokens[2]) %}
            {{ return({'column': first, 'bounds': [[tokens[1], tokens[2]]]}) }}
        {% elif last and segmentation._is_number(tokens[0]) %}
            {{ return({'column': last, 'bounds': [[flipped[tokens[1]], tokens[0]]]}) }}
        {% endif %}
    {% elif tokens | length == 5 and words[1] == 'between' and words[3] == 'and'
        and first and segmentation._is_number(tokens[2]) and segmentation._is_number(tokens[4]) %}
        {{ return({'column': first, 'bounds': [['>=', tokens[2]], ['<=', tokens[4]]]}) }}
    {% endif %}
    {{ return({}) }}
{% endmacro %}

{# The texts that a column may be equal to, see _comparison(): column = text, column in (text, …). #}
{% macro _labels_in(tokens) %}
    {% set literals = [] %}
    {% if tokens | length == 3 and tokens[1] == '=' %}
        {% set literals = tokens[2:] %}
    {% elif tokens | length > 3 and tokens[1] | lower == 'in' and tokens[2] == '(' and tokens[-1] == ')' %}
        {% set literals = tokens[3:-1] | reject('equalto', ',') | list %}
    {% endif %}
    {% set column = segmentation._column_named(tokens[0]) if literals else none %}
    {% set labels = [] %}
    {% for literal in literals if segmentation._is_label(literal) %}{% do labels.append(literal[1:-1] | lower) %}{% endfor %}
    {{ return({'column': column, 'labels': labels} if column and labels | length == literals | length else {}) }}
{% endmacro %}

{#
    Whether a token is a text that equals no other one in any type. '5' and '5.0', or 't' and 'true', may be the same value of
    a column that is no text.
#}
{% macro _is_label(token) %}
    {{ return(
        modules.re.fullmatch("'[A-Za-z][A-Za-z_ -]+'", token) is not none
        and token | lower not in ["'true'", "'false'", "'yes'", "'no'", "'on'", "'off'"]
    ) }}
{% endmacro %}

{# A column of true and false alone or after `not`, see _comparison(). #}
{% macro _truth_in(tokens) %}
    {% set is_negated = tokens | length == 2 and tokens[0] | lower == 'not' %}
    {% set column = segmentation._column_named(tokens[-1]) if is_negated or tokens | length == 1 else none %}
    {% if column and column not in ['not', 'true', 'false', 'null'] %}
        {{ return({'column': column, 'labels': ['false' if is_negated else 'true']}) }}
    {% endif %}
    {{ return({}) }}
{% endmacro %}

{# A column that is NULL, see _comparison(). #}
{% macro _null_in(tokens) %}
    {% set column = segmentation._column_named(tokens[0]) if tokens | length == 3 else none %}
    {% if column and tokens[1] | lower == 'is' and tokens[2] | lower == 'null' %}
        {{ return({'column': column, 'is_null': true}) }}
    {% endif %}
    {{ return({}) }}
{% endmacro %}

{#
    The parts of an expression that all have to hold, each a list of tokens. Empty where that is not clear: under `or`, or
    where brackets do not match.
    Example: ((a > 1) and b between 2 and 3) -> [a > 1], [b between 2 and 3]
             a > 1 or b > 2                  -> nothing
#}
{% macro _conjuncts(tokens) %}
    {% set inner = segmentation._unwrapped(tokens) %}
    {% if inner != tokens %}{{ return(segmentation._conjuncts(inner)) }}{% endif %}
    {% set parts = segmentation._split_at_and(tokens) %}
    {% if parts | length < 2 %}{{ return(parts) }}{% endif %}
    {% set conjuncts = [] %}
    {% for part in parts %}{% do conjuncts.extend(segmentation._conjuncts(part)) %}{% endfor %}
    {{ return(conjuncts) }}
{% endmacro %}

{#
    Tokens without what surrounds all of them and does not change when they hold: one pair of brackets, or
    coalesce(…, false).
    Example: (a > 1) -> a > 1;  coalesce(a > 1, false) -> a > 1;  (a > 1) = (b > 2) -> as it is
#}
{% macro _unwrapped(tokens) %}
    {% set last = tokens | length - 1 %}
    {% if last > 0 and tokens[0] == '(' and segmentation._closing(tokens, 0) == last %}{{ return(tokens[1:last]) }}{% endif %}
    {% if last >= 4 and tokens[0] | lower == 'coalesce' and tokens[1] == '(' and segmentation._closing(tokens, 1) == last
        and tokens[last - 2] == ',' and tokens[last - 1] | lower == 'false' %}
        {{ return(tokens[2:last - 2]) }}
    {% endif %}
    {{ return(tokens) }}
{% endmacro %}

{# The place of the bracket that closes the one at `start`, or −1. Example: ( a ( b ) ) with start 0 -> 5 #}
{% macro _closing(tokens, start) %}
    {% set state = namespace(depth=0, found=-1) %}
    {% for token in tokens[start:] if state.found < 0 %}
        {% if token == '(' %}{% set state.depth = state.depth + 1 %}{% endif %}
        {% if token == ')' %}{% set state.depth = state.depth - 1 %}{% endif %}
        {% if state.depth == 0 %}{% set state.found = start + loop.index0 %}{% endif %}
    {% endfor %}
    {{ return(state.found) }}
{% endmacro %}

{#
    Tokens cut at each `and` that stands outside of brackets, of case … end and of between … and. Empty if an `or` or a comma
    stands there too, or if the brackets do not match.
    Example: a > 1 and b between 2 and 3 -> [a > 1], [b between 2 and 3]
#}
{% macro _split_at_and(tokens) %}
    {% if not tokens %}{{ return([]) }}{% endif %}
    {% set state = namespace(depth=0, part=[], parts=[], unclear=false, between=false) %}
    {% for token in tokens %}
        {% set word = token | lower %}
        {% if token in '([{' or word == 'case' %}{% set state.depth = state.depth + 1 %}
        {% elif token in ')]}' or word == 'end' %}{% set state.depth = state.depth - 1 %}
        {% endif %}
        {% if state.depth == 0 and (word == 'or' or token == ',') %}{% set state.unclear = true %}{% endif %}
        {% if state.depth == 0 and word == 'between' %}{% set state.between = true %}{% endif %}
        {% if state.depth == 0 and word == 'and' and not state.between %}
            {% do state.parts.append(state.part) %}
            {% set state.part = [] %}
        {% else %}
            {% if state.depth == 0 and word == 'and' %}{% set state.between = false %}{% endif %}
            {% do state.part.append(token) %}
        {% endif %}
    {% endfor %}
    {{ return([] if state.unclear or state.depth != 0 else state.parts + [state.part]) }}
{% endmacro %}

{#
    A conjunct as conditions (see _conditions()): one per bound, one for labels or NULL, none if it does not compare a column
    with literals.
    Example: active_days_28d > 5 in criterion `busy` ->
             [{'criterion': '`busy`', 'text': 'active_days_28d > 5', 'column': 'active_days_28d',
               'low': 6, 'above': false, 'high': 1e300, 'below': false}]
#}
{% macro _conditions_of_comparison(tokens, criterion) %}
    {% set found = segmentation._comparison(tokens) %}
    {% if not found %}{{ return([]) }}{% endif %}
    {% set text = segmentation._tokens_text(tokens) %}
    {% set bounds = found.get('bounds') %}
    {% if not bounds %}{{ return([dict(found, criterion=criterion, text=text)]) }}{% endif %}
    {% set conditions = [] %}
    {% for operator, number in bounds %}
        {% set said = text if bounds | length == 1 else found.column ~ ' ' ~ operator ~ ' ' ~ number %}
        {% do conditions.append(dict(
            segmentation._range_of(found.column, operator, number | float), criterion=criterion, text=said, column=found.column
        )) %}
    {% endfor %}
    {{ return(conditions) }}
{% endmacro %}

{#
    A comparison as a range {low, above, high, below}; ±1e300 is no bound. A column of whole numbers has whole bounds.
    Example: mrr > 5 -> low 5, above true;  active_days_28d > 5 -> low 6, above false;  mrr = 5 -> low 5, high 5
#}
{% macro _range_of(column, operator, value) %}
    {% set found = {
        'low': value if operator in ['>', '>=', '='] else -1e300, 'above': operator == '>',
        'high': value if operator in ['<', '<=', '='] else 1e300, 'below': operator == '<',
    } %}
    {{ return(segmentation._whole_bounds(found) if segmentation._is_whole(column) else found) }}
{% endmacro %}

{# A range of whole numbers, its bounds included. Example: above 5 -> low 6; low 5.5 -> low 6; below 5 -> high 4 #}
{% macro _whole_bounds(found) %}
    {% set bounds = dict(found) %}
    {% if found.low != -1e300 %}
        {% set low = found.low | round(0, 'ceil') %}
        {% do bounds.update({'low': low + 1 if found.above and low == found.low else low, 'above': false}) %}
    {% endif %}
    {% if found.high != 1e300 %}
        {% set high = found.high | round(0, 'floor') %}
        {% do bounds.update({'high': high - 1 if found.below and high == found.high else high, 'below': false}) %}
    {% endif %}
    {{ return(bounds) }}
{% endmacro %}

{# Whether a column holds whole numbers: then > 5 is the same as >= 6. #}
{% macro _is_whole(column) %}
    {{ return(segmentation._feature_named(column).get('type') == 'bigint' or segmentation._is_count(column)) }}
{% endmacro %}

{# Whether a column counts something for a criterion: it ends in a hash. Example: count_logged_in_28d__a1b2c3 #}
{% macro _is_count(column) %}
    {{ return(modules.re.fullmatch('count_[a-z0-9_]+__[0-9a-f]{6}', column) is not none) }}
{% endmacro %}

{#
    What a column can hold at all, as a list of one condition of no criterion, or of none.
    Example: active_days_28d -> [{'text': 'active_days_28d lies between 0 and 28', 'low': 0, 'high': 28, …}]
#}
{% macro _column_range(column) %}
    {% set bounds = segmentation._feature_named(column).get('bounds') %}
    {% if bounds is none and modules.re.fullmatch('(.*_)?share', column) %}{% set bounds = [0, 1] %}
    {% elif bounds is none and segmentation._is_count(column) %}{% set bounds = [0, none] %}
    {% endif %}
    {% if bounds is none %}{{ return([]) }}{% endif %}
    {% set low = -1e300 if bounds[0] is none else bounds[0] %}
    {% set high = 1e300 if bounds[1] is none else bounds[1] %}
    {% set text = column ~ (
        ' is never below ' ~ low if high == 1e300 else ' is never above ' ~ high if low == -1e300
        else ' lies between ' ~ low ~ ' and ' ~ high
    ) %}
    {{ return([{
        'criterion': none, 'text': text, 'column': column, 'low': low, 'high': high, 'above': false, 'below': false,
    }]) }}
{% endmacro %}

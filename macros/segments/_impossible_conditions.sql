{#
    Conditions that no user can ever meet, found in the SQL of the criteria alone: two ranges of one column that do not
    overlap, or a range outside of what the column can hold. Silence proves nothing: only conditions that all have to hold
    are read (joined by `and`, or in different criteria), only comparisons of a column with a literal, and whatever
    stands under `or`, `not` or `case` is passed over. So what is reported is certain.

    Arguments: entry (see _segment_lint_entries()), by_name (all entries, to follow in_segment()).
    Returns a list of texts.
#}
{% macro _impossible_conditions(entry, by_name={}) %}
    {% set by_column = {} %}
    {% for condition in segmentation._conditions(entry, by_name) %}
        {% if condition.column not in by_column %}
            {% do by_column.update({condition.column: segmentation._column_range(condition.column)}) %}
        {% endif %}
        {% do by_column[condition.column].append(condition) %}
    {% endfor %}
    {% set problems = [] %}
    {% for column, conditions in by_column.items() %}
        {% for later in conditions %}
            {% for earlier in conditions[:loop.index0] %}
                {% if segmentation._exclude_each_other(earlier, later) %}
                    {% if earlier.criterion is none %}
                        {% do problems.append(
                            'impossible condition: ' ~ later.criterion ~ ' asks for ' ~ later.text ~ ', but ' ~ earlier.text
                            ~ '. Nobody could ever be in it: change the criterion.'
                        ) %}
                    {% elif not later.criterion is none %}
                        {% do problems.append(
                            'contradiction: ' ~ earlier.criterion ~ ' asks for ' ~ earlier.text ~ ' and ' ~ later.criterion
                            ~ ' for ' ~ later.text ~ '. Nobody can meet both: change one of them, or join them by any_of().'
                        ) %}
                    {% endif %}
                {% endif %}
            {% endfor %}
        {% endfor %}
    {% endfor %}
    {{ return(problems | unique | list) }}
{% endmacro %}

{#
    All conditions that every member meets, those of the segments it is defined by included. A condition is a mapping:
    criterion, text, column and either {low, high, above, below} (numbers; above, below: the bound itself is excluded) or
    {labels} (texts, of which one holds) or {is_null: true}.
#}
{% macro _conditions(entry, by_name, through='') %}
    {% set conditions = [] %}
    {% for criterion, sql in (entry.get('expressions') or {}).items() %}
        {% set place = '`' ~ criterion ~ '`' ~ through %}
        {% for tokens in segmentation._conjuncts(segmentation._sql_tokens(sql)) %}
            {% do conditions.extend(segmentation._conditions_of_tokens(tokens, place)) %}
            {% set segment = tokens[0][3:] if tokens | length == 1 and tokens[0].startswith('in_') else none %}
            {% if segment in by_name and segment in (entry.get('reads_segments') or []) %}
                {% do conditions.extend(segmentation._conditions(by_name[segment], by_name, ' of ' ~ segment)) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {{ return(conditions) }}
{% endmacro %}

{# SQL as a list of tokens; an empty list for SQL with comments or quotes that these tokens do not cover. #}
{% macro _sql_tokens(sql) %}
    {% set tokens = modules.re.findall(
        "'(?:[^']|'')*'|\"[^\"]*\"|[0-9]+(?:[.][0-9]+)?(?:[eE][+-]?[0-9]+)?(?![0-9A-Za-z_])|[A-Za-z_][A-Za-z0-9_]*|<=|>=|<>|!=|--|/[*]|[$][$]|\\S",
        sql
    ) %}
    {% set odd = tokens | select('in', ['--', '/*', '$$', '\\', '"', "'"]) | list %}
    {{ return([] if odd else tokens) }}
{% endmacro %}

{# The parts of an expression that all have to hold, each a list of tokens; empty where that cannot be told. #}
{% macro _conjuncts(tokens) %}
    {% if not tokens %}{{ return([]) }}{% endif %}
    {% set last = tokens | length - 1 %}
    {% if tokens[0] == '(' and segmentation._closing(tokens, 0) == last %}
        {{ return(segmentation._conjuncts(tokens[1:last])) }}
    {% endif %}
    {# coalesce(x, false) holds where x does. #}
    {% if last >= 4 and tokens[0] | lower == 'coalesce' and tokens[1] == '(' and segmentation._closing(tokens, 1) == last
        and tokens[last - 2] == ',' and tokens[last - 1] | lower == 'false' %}
        {{ return(segmentation._conjuncts(tokens[2:last - 2])) }}
    {% endif %}
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
    {% if state.unclear or state.depth != 0 %}{{ return([]) }}{% endif %}
    {% if not state.parts %}{{ return([tokens]) }}{% endif %}
    {% set conjuncts = [] %}
    {% for part in state.parts + [state.part] %}
        {% do conjuncts.extend(segmentation._conjuncts(part)) %}
    {% endfor %}
    {{ return(conjuncts) }}
{% endmacro %}

{# The place of the parenthesis that closes the one at `start`, or −1. #}
{% macro _closing(tokens, start) %}
    {% set state = namespace(depth=0, found=-1) %}
    {% for token in tokens[start:] if state.found < 0 %}
        {% if token == '(' %}{% set state.depth = state.depth + 1 %}{% endif %}
        {% if token == ')' %}{% set state.depth = state.depth - 1 %}{% endif %}
        {% if state.depth == 0 %}{% set state.found = start + loop.index0 %}{% endif %}
    {% endfor %}
    {{ return(state.found) }}
{% endmacro %}

{# The conditions in one comparison of a column with literals; none if it is anything else. #}
{% macro _conditions_of_tokens(tokens, criterion) %}
    {% set text = tokens | join(' ') | replace('- ', '-') | replace('( ', '(') | replace(' )', ')') | replace(' ,', ',') %}
    {% set column = '([A-Za-z_][A-Za-z0-9_]*)' %}
    {% set number = '(-?[0-9]+(?:[.][0-9]+)?(?:[eE][+-]?[0-9]+)?)' %}
    {% set flipped = {'<': '>', '>': '<', '<=': '>=', '>=': '<=', '=': '='} %}
    {% set ranges = [] %}
    {% set labels = none %}
    {% set is_null = false %}
    {% set match = modules.re.fullmatch(column ~ ' (<=|>=|<|>|=) ' ~ number, text) %}
    {% if match %}{% do ranges.append([match.group(2), match.group(3)]) %}{% endif %}
    {% if not match %}
        {% set turned = modules.re.fullmatch(number ~ ' (<=|>=|<|>|=) ' ~ column, text) %}
        {% if turned %}{% do ranges.append([flipped[turned.group(2)], turned.group(1)]) %}{% endif %}
    {% endif %}
    {% set between = modules.re.fullmatch('(?i)' ~ column ~ ' between ' ~ number ~ ' and ' ~ number, text) %}
    {% if between %}{% do ranges.extend([['>=', between.group(2)], ['<=', between.group(3)]]) %}{% endif %}
    {% set listed = modules.re.fullmatch('(?i)' ~ column ~ ' in [(](.*)[)]', text) %}
    {% set literals = tokens[3:-1] | reject('equalto', ',') | list if listed else [] %}
    {% if tokens | length == 3 and tokens[1] == '=' and tokens[2].startswith("'") %}{% set literals = [tokens[2]] %}{% endif %}
    {# Only words: '5' and '5.0', or 't' and 'true', may be the same value of a column that is no text. #}
    {% set words = [] %}
    {% for literal in literals
        if modules.re.fullmatch("'[A-Za-z][A-Za-z_ -]+'", literal) and literal | lower not in ["'true'", "'false'", "'yes'", "'no'", "'on'", "'off'"] %}
        {% do words.append(literal[1:-1] | lower) %}
    {% endfor %}
    {% if literals and words | length == literals | length %}{% set labels = words %}{% endif %}
    {% if modules.re.fullmatch('(?i)' ~ column ~ ' is null', text) %}{% set is_null = true %}{% endif %}
    {% set name = (modules.re.search(column, text) or modules.re.search('()', text)).group(1) | lower %}
    {% if modules.re.fullmatch('(?i)(not )?' ~ column, text) %}
        {% set name = tokens[-1] | lower %}
        {% set labels = ['false' if tokens | length == 2 else 'true'] if name not in ['not', 'true', 'false', 'null'] else none %}
    {% endif %}
    {% set conditions = [] %}
    {% for operator, literal in ranges %}
        {% set value = literal | float %}
        {% set condition = {
            'criterion': criterion, 'text': text if not between else name ~ ' ' ~ operator ~ ' ' ~ literal, 'column': name,
            'low': value if operator in ['>', '>=', '='] else -1e300, 'above': operator == '>',
            'high': value if operator in ['<', '<=', '='] else 1e300, 'below': operator == '<',
        } %}
        {% do conditions.append(segmentation._whole_bounds(condition) if segmentation._is_whole(name) else condition) %}
    {% endfor %}
    {% if labels %}{% do conditions.append({'criterion': criterion, 'text': text, 'column': name, 'labels': labels}) %}{% endif %}
    {% if is_null %}{% do conditions.append({'criterion': criterion, 'text': text, 'column': name, 'is_null': true}) %}{% endif %}
    {{ return(conditions) }}
{% endmacro %}

{# Whether a column holds whole numbers: then > 5 is the same as >= 6. #}
{% macro _is_whole(column) %}
    {{ return(
        segmentation._feature_named(column).get('type') == 'bigint'
        or modules.re.fullmatch(segmentation._count_pattern(), column) is not none
    ) }}
{% endmacro %}

{# The columns that count something for a criterion: they end in a hash. #}
{% macro _count_pattern() %}{{ return('count_[a-z0-9_]+__[0-9a-f]{6}') }}{% endmacro %}

{# The entry of features() with that name; an empty one if there is none. Not features(), which checks the whole list. #}
{% macro _feature_named(name) %}
    {{ return(adapter.dispatch('features', 'segmentation')() | selectattr('name', 'equalto', name) | first | default({})) }}
{% endmacro %}

{# A range of whole numbers, its bounds included. #}
{% macro _whole_bounds(condition) %}
    {% set bounds = dict(condition) %}
    {% if condition.low != -1e300 %}
        {% set low = condition.low | round(0, 'ceil') %}
        {% do bounds.update({'low': low + 1 if condition.above and low == condition.low else low, 'above': false}) %}
    {% endif %}
    {% if condition.high != 1e300 %}
        {% set high = condition.high | round(0, 'floor') %}
        {% do bounds.update({'high': high - 1 if condition.below and high == condition.high else high, 'below': false}) %}
    {% endif %}
    {{ return(bounds) }}
{% endmacro %}

{# What a column can hold at all, as a list of one condition of no criterion, or of none. #}
{% macro _column_range(column) %}
    {% set bounds = segmentation._feature_named(column).get('bounds') %}
    {% if bounds is none and modules.re.fullmatch('(.*_)?share', column) %}{% set bounds = [0, 1] %}
    {% elif bounds is none and modules.re.fullmatch(segmentation._count_pattern(), column) %}{% set bounds = [0, none] %}
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

{# Whether no value of a column meets both conditions. #}
{% macro _exclude_each_other(one, other) %}
    {% if one.get('is_null') or other.get('is_null') %}
        {{ return(one.criterion is not none and (one.get('is_null') or false) != (other.get('is_null') or false)) }}
    {% endif %}
    {% if one.labels is defined and other.labels is defined %}
        {{ return(one.labels | select('in', other.labels) | list | length == 0) }}
    {% endif %}
    {% if one.low is not defined or other.low is not defined %}{{ return(false) }}{% endif %}
    {% set low = [one.low, other.low] | max %}
    {% set high = [one.high, other.high] | min %}
    {% set above = (one.above and one.low == low) or (other.above and other.low == low) %}
    {% set below = (one.below and one.high == high) or (other.below and other.high == high) %}
    {{ return(low > high or (low == high and (above or below))) }}
{% endmacro %}

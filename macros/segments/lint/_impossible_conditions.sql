{#
    Conditions that no user can ever meet, found in the SQL of the criteria alone: two ranges of one column that do not
    overlap, or a range outside of what the column can hold. Silence proves nothing: only conditions that all have to hold
    are read (joined by `and`, or in different criteria), only comparisons of a column with a literal, and whatever
    stands under `or`, `not` or `case` is passed over. So what is reported is certain.

    It is Jinja and not Python because it runs where a segment is written: on-run-start, also in a project that installs
    this one as a package and has none of its scripts. The steps, each in a file of its own and tested alone:
    _sql_tokens() -> _conjuncts() -> _comparison() -> _conditions_of_comparison() -> _exclude_each_other().

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
    {% for conditions in by_column.values() %}
        {% for later in conditions %}
            {% for earlier in conditions[:loop.index0] if segmentation._exclude_each_other(earlier, later) %}
                {% do problems.append(segmentation._exclusion_message(earlier, later)) %}
            {% endfor %}
        {% endfor %}
    {% endfor %}
    {{ return(problems | unique | list) }}
{% endmacro %}

{#
    All conditions that every member meets, those of the segments it is defined by included. A condition is a mapping with
    criterion (which one says it; none for what the column can hold), text, column, and one of
      low, high, above, below  a range; above, below: the bound itself is excluded
      labels                   lower case texts; the value is one of them
      is_null                  true
#}
{% macro _conditions(entry, by_name, through='') %}
    {% set conditions = [] %}
    {% for criterion, sql in (entry.get('expressions') or {}).items() %}
        {% set place = '`' ~ criterion ~ '`' ~ through %}
        {% for tokens in segmentation._conjuncts(segmentation._sql_tokens(sql)) %}
            {% do conditions.extend(segmentation._conditions_of_comparison(tokens, place)) %}
            {% set segment = tokens[0][3:] if tokens | length == 1 and tokens[0].startswith('in_') else none %}
            {% if segment in by_name and segment in (entry.get('reads_segments') or []) %}
                {% do conditions.extend(segmentation._conditions(by_name[segment], by_name, ' of ' ~ segment)) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {{ return(conditions) }}
{% endmacro %}

{# What is said of two conditions that exclude each other; the first may be what the column can hold. #}
{% macro _exclusion_message(earlier, later) %}
    {% if earlier.criterion is none %}
        {{ return(
            'impossible condition: ' ~ later.criterion ~ ' asks for ' ~ later.text ~ ', but ' ~ earlier.text
            ~ '. Nobody could ever be in it: change the criterion.'
        ) }}
    {% endif %}
    {{ return(
        'contradiction: ' ~ earlier.criterion ~ ' asks for ' ~ earlier.text ~ ' and ' ~ later.criterion
        ~ ' for ' ~ later.text ~ '. Nobody can meet both: change one of them, or join them by any_of().'
    ) }}
{% endmacro %}

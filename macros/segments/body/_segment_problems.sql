{# What is wrong with the arguments of segment(), as a list of texts. #}
{% macro _segment_problems(criteria, positional=[]) %}
    {% set problems = [] %}
    {% if positional %}
        {% do problems.append("segment: every criterion needs a name, got " ~ positional | join(', ') ~ ".") %}
    {% endif %}
    {% if not criteria %}
        {% do problems.append("segment: at least one criterion is needed, got none.") %}
    {% endif %}
    {% for name, expression in criteria.items() %}
        {% if name in ['user_id', 'as_of_date', 'is_member', 'definition_hash'] %}
            {% do problems.append("segment: `" ~ name ~ "` is a column of every segment; choose another name.") %}
        {% elif not modules.re.fullmatch('[a-z][a-z0-9_]*', name) %}
            {% do problems.append("segment: `" ~ name ~ "` must be a name in lower snake case.") %}
        {% elif name in segmentation._reserved_words() %}
            {% do problems.append("segment: `" ~ name ~ "` is a reserved word in SQL; choose another name.") %}
        {% endif %}
        {% do problems.extend(segmentation._criterion_problems('segment', name, expression)) %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}

{# Words that no engine takes as the name of a column. #}
{% macro _reserved_words() %}
    {{ return([
        'all', 'and', 'any', 'as', 'asc', 'between', 'both', 'by', 'case', 'cast', 'check', 'collate', 'column', 'create',
        'cross', 'current_date', 'default', 'desc', 'distinct', 'do', 'else', 'end', 'except', 'exists', 'false', 'fetch', 'for',
        'foreign', 'from', 'full', 'grant', 'group', 'having', 'in', 'inner', 'intersect', 'into', 'is', 'join', 'lateral',
        'leading', 'left', 'like', 'limit', 'natural', 'not', 'null', 'offset', 'on', 'only', 'or', 'order', 'outer', 'over',
        'overlaps', 'primary', 'qualify', 'references', 'returning', 'right', 'select', 'some', 'table', 'then', 'to',
        'trailing', 'true', 'union', 'unique', 'user', 'using', 'when', 'where', 'window', 'with',
    ]) }}
{% endmacro %}

{#
    Columns that a criterion names and user_features does not have, and columns that it compares with a value of another type,
    as a list of texts. It says what is certain: a word that is nearly a feature and is nothing else, a number compared with a
    text. The rest is for the database, which names the segment but not the criterion.

    Arguments: criterion (its name), sql, known (names of columns that the segment computes).
    Example: active_day_28d >= 5   -> ['`busy`: user_features does not have `active_day_28d`; did you mean `active_days_28d`? …']
             active_days_28d = 'x' -> ['`busy`: `active_days_28d` is a bigint, and active_days_28d = 'x' compares it with …']
#}
{% macro _column_problems(criterion, sql, known) %}
    {% set tokens = segmentation._sql_tokens(sql) %}
    {% set words = tokens | map('lower') | list %}
    {% set features = segmentation.features() %}
    {% set columns = features | map(attribute='name') | list + ['user_id', 'account_id', 'as_of_date'] %}
    {% set problems = [] %}
    {#- Names of a subquery or of a lambda are its own; a criterion that is still to be written is for check_segments(). -#}
    {% for word in words if 'select' not in words and '->' not in sql and 'TODO' not in sql %}
        {% set before = words[loop.index0 - 1] if loop.index0 else '' %}
        {% set after = words[loop.index] if not loop.last else '' %}
        {% if modules.re.fullmatch(segmentation._word_pattern(), word) and word not in columns and word not in known
            and before not in ['.', ':', 'as', 'interval'] and after not in ['.', '('] and word not in segmentation._sql_words() %}
            {% set nearest = segmentation._nearest_name(word, columns, 0.6) %}
            {% if nearest %}
                {% do problems.append(
                    '`' ~ criterion ~ '`: user_features does not have `' ~ word ~ '`; did you mean `' ~ nearest
                    ~ '`? docs/features.md lists its columns.'
                ) %}
            {% endif %}
        {% endif %}
    {% endfor %}
    {% for conjunct in segmentation._conjuncts(tokens) %}
        {% set found = segmentation._comparison(conjunct) %}
        {% set feature = features | selectattr('name', 'equalto', found.get('column')) | first | default({}) %}
        {% set is_text = 'labels' in found and conjunct | select('in', segmentation._texts_of(conjunct)) | list %}
        {% if feature and ((is_text and feature.type != 'string') or ('bounds' in found and feature.type == 'string')) %}
            {% do problems.append(
                '`' ~ criterion ~ '`: `' ~ feature.name ~ '` is a ' ~ ('text' if feature.type == 'string' else feature.type)
                ~ ', and ' ~ segmentation._tokens_text(conjunct) ~ ' compares it with a ' ~ ('text.' if is_text else 'number.')
            ) %}
        {% endif %}
    {% endfor %}
    {{ return(problems | unique | list) }}
{% endmacro %}

{# The texts in quotes among tokens. #}
{% macro _texts_of(tokens) %}
    {% set texts = [] %}
    {% for token in tokens if token.startswith("'") %}{% do texts.append(token) %}{% endfor %}
    {{ return(texts) }}
{% endmacro %}

{# Words of SQL that stand in criteria and are no columns. #}
{% macro _sql_words() %}
    {{ return(segmentation._reserved_words() + [
        'array', 'at', 'bigint', 'bool', 'boolean', 'char', 'current_timestamp', 'date', 'day', 'days', 'decimal', 'double',
        'escape', 'extract', 'filter', 'float', 'glob', 'hour', 'hours', 'ilike', 'int', 'integer', 'interval', 'isnull', 'minute',
        'minutes', 'month', 'months', 'nan', 'notnull', 'nulls', 'numeric', 'position', 'precision', 'quarter', 'real', 'second',
        'seconds', 'similar', 'string', 'symmetric', 'text', 'time', 'timestamp', 'timestamptz', 'varchar', 'week', 'weeks', 'year',
        'years', 'zone',
    ]) }}
{% endmacro %}

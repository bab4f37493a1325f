{#
    SQL as a list of tokens: words, numbers, texts in quotes, operators and brackets. Empty for SQL with comments or with
    quotes that these tokens do not cover.
    Example: (mrr >= 1.5 and plan = 'it''s') -> ['(', 'mrr', '>=', '1.5', 'and', 'plan', '=', "'it''s'", ')']
#}
{% macro _sql_tokens(sql) %}
    {% set kinds = [
        "'(?:[^']|'')*'", '"[^"]*"', segmentation._number_pattern() ~ '(?![0-9A-Za-z_])', segmentation._word_pattern(),
        '<=|>=|<>|!=|--|/[*]|[$][$]', '\\S',
    ] %}
    {% set tokens = modules.re.findall(kinds | join('|'), sql) %}
    {% set odd = tokens | select('in', ['--', '/*', '$$', '\\', '"', "'"]) | list %}
    {{ return([] if odd else tokens) }}
{% endmacro %}

{# A number without a sign, as a regular expression: 5, 1.5, 1e-3. #}
{% macro _number_pattern() %}{{ return('[0-9]+(?:[.][0-9]+)?(?:[eE][+-]?[0-9]+)?') }}{% endmacro %}

{# A name or a word of SQL, as a regular expression. #}
{% macro _word_pattern() %}{{ return('[A-Za-z_][A-Za-z0-9_]*') }}{% endmacro %}

{#
    Tokens as SQL that people read.
    Example: ['mrr', 'in', '(', '-', '5', ',', '7', ')'] -> mrr in (-5, 7)
#}
{% macro _tokens_text(tokens) %}
    {{ return(tokens | join(' ') | replace('- ', '-') | replace('( ', '(') | replace(' )', ')') | replace(' ,', ',')) }}
{% endmacro %}

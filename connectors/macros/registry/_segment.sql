{% macro _segment() %}{{ return({'label': 'segment', 'gives': {}, 'tables': {}}) }}{% endmacro %}

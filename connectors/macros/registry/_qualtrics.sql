{% macro _qualtrics() %}{{ return({'label': 'qualtrics', 'gives': {}, 'tables': {}}) }}{% endmacro %}

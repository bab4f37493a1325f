{% macro _surveymonkey() %}{{ return({'label': 'surveymonkey', 'gives': {}, 'tables': {}}) }}{% endmacro %}

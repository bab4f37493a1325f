{% macro _stripe() %}{{ return({'label': 'stripe', 'gives': {}, 'tables': {}}) }}{% endmacro %}

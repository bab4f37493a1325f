{% macro _amplitude() %}{{ return({'label': 'amplitude', 'gives': {}, 'tables': {}}) }}{% endmacro %}

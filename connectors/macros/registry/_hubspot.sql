{% macro _hubspot() %}{{ return({'label': 'hubspot', 'gives': {}, 'tables': {}}) }}{% endmacro %}

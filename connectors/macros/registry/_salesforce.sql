{% macro _salesforce() %}{{ return({'label': 'salesforce', 'gives': {}, 'tables': {}}) }}{% endmacro %}

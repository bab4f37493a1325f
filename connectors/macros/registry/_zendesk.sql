{% macro _zendesk() %}{{ return({'label': 'zendesk', 'gives': {}, 'tables': {}}) }}{% endmacro %}

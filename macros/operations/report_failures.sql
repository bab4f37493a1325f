{#
    Prints what went wrong in words: for each failed test whose rows carry a `message` column, the first messages.

    Runs on-run-end. Our own tests say what is wrong and what to do in that column; dbt alone prints only how many
    rows a test returned. print() and not log(), so that it is also seen under --quiet.

    Arguments: results (dbt's list of run results).
#}
{% macro report_failures(results) %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% for result in results
        if result.node.resource_type == 'test' and result.status in ('fail', 'warn') and result.node.compiled_code %}
        {% if 'as message' in result.node.compiled_code %}
            {% set rows = run_query(
                'select message from (' ~ result.node.compiled_code ~ ') as failed order by message limit 5'
            ) %}
            {% for row in rows %}
                {% do print(('Warning: ' if result.status == 'warn' else 'Stopped: ') ~ row[0]) %}
            {% endfor %}
        {% endif %}
    {% endfor %}
    {{ return('') }}
{% endmacro %}

{#
    Stops the build if a registered segment is vague, doubled or impossible, before anything is computed.

    Runs on-run-start. The rules need no data: what a person wrote in the file is enough to break them. All problems of all
    segments are told at once; each names the segment, its file, the rule and what to do. `vars: segment_lint: warn` prints
    them and goes on. What only the data can tell is in the mart segment_scorecard.
#}
{% macro check_segments() %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% set entries = segmentation._segment_lint_entries() %}
    {% set by_name = {} %}
    {% for entry in entries %}{% do by_name.update({entry.name: entry}) %}{% endfor %}
    {% set problems = segmentation._segment_lint_problems(entries, segmentation.setting('max_segments'))
        + segmentation._unused_segment_problems(by_name, segmentation.audiences(), segmentation.setting('comparison_pairs')) %}
    {% if problems and segmentation.setting('segment_lint') == 'stop' %}
        {{ exceptions.raise_compiler_error(problems | join('\n    ')) }}
    {% endif %}
    {% for problem in problems %}{% do print('Warning: ' ~ problem) %}{% endfor %}
    {{ return('') }}
{% endmacro %}

{#
    What the lint looks at, one mapping per registered segment: name, path, type (folder), the fields of the config's meta,
    definition (the file without its config), what segment() left there (definition_hash, expressions, reads_segments,
    reads_sql), and sensitive_columns: the columns tagged `privacy: sensitive` of the models that it reads.
#}
{% macro _segment_lint_entries() %}
    {% set nodes = {} %}
    {% for node in graph.nodes.values() if node.resource_type == 'model' %}{% do nodes.update({node.name: node}) %}{% endfor %}
    {% set registered = segmentation.registered_segments() %}
    {% set entries = [] %}
    {% for name in registered if name in nodes %}
        {% set upstream = [] %}
        {% set sensitive = [] %}
        {% for unique_id in nodes[name].depends_on.nodes if unique_id in graph.nodes %}
            {% set node = graph.nodes[unique_id] %}
            {% if node.name in registered %}{% do upstream.append(node.name) %}{% endif %}
            {% do sensitive.extend(segmentation.columns_tagged(node, 'sensitive')) %}
        {% endfor %}
        {% set entry = segmentation.segment_entry(name) %}
        {% do entry.update(entry.get('segment') or {'reads_segments': upstream}) %}
        {% do entry.update({
            'name': name, 'path': nodes[name].original_file_path, 'sensitive_columns': sensitive | unique | sort,
        }) %}
        {% do entries.append(entry) %}
    {% endfor %}
    {{ return(entries) }}
{% endmacro %}

{#
    What is wrong with the status of a segment, as a list of texts: active (the default), draft (looked at in the review, in no mart
    but segment_drafts) or retired (evaluated up to retired_on, and on no later date).

    Arguments: entry (see _segment_lint_entries()), by_name (all entries).
#}
{% macro _status_problems(entry, by_name) %}
    {% set status = entry.get('status', 'active') %}
    {% set retired_on = entry.get('retired_on') %}
    {% set found = [] %}
    {% if status not in ['active', 'draft', 'retired'] %}
        {% do found.append("status: it must be 'active', 'draft' or 'retired', got " ~ tojson(status) ~ '.') %}
    {% elif status == 'retired' and not segmentation._is_date(retired_on | string) %}
        {% do found.append(
            'retired_on: a retired segment needs its last day, as YYYY-MM-DD, got '
            ~ tojson(retired_on | string if retired_on is not none else none) ~ '.'
        ) %}
    {% elif status != 'retired' and retired_on is not none %}
        {% do found.append("retired_on: only a segment with 'status': 'retired' has one. Remove it, or set the status.") %}
    {% endif %}
    {% if entry.get('lifecycle') is true and status != 'active' %}
        {% do found.append("status: a segment of the lifecycle must be active: without it some users would be in none.") %}
    {% endif %}
    {% for name in entry.get('reads_segments') or [] if name in by_name %}
        {% set other = by_name[name].get('status', 'active') %}
        {% if other != status and status in ['active', 'retired'] and other in ['draft', 'retired'] %}
            {% do found.append(
                'status: it is defined by `' ~ name ~ ('`, which is a draft' if other == 'draft' else '`, which is retired')
                ~ '. Write its criteria here, or make it active.'
            ) %}
        {% endif %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}

{#
    Audiences and pairs that name a segment which has no members to deliver or compare, as a list of texts.

    Arguments: by_name (all entries), audiences and pairs (the variables).
#}
{% macro _unused_segment_problems(by_name, audiences, pairs) %}
    {% set found = [] %}
    {% for audience in audiences %}
        {% for name in [audience.segment] + audience.get('exclude_segments', []) %}
            {% set status = by_name.get(name, {}).get('status', 'active') %}
            {% if status != 'active' %}
                {% do found.append(
                    'audiences: `' ~ audience.name ~ '` names the segment `' ~ name ~ '`, whose status is ' ~ tojson(status)
                    ~ '. Name another one, or make it active.'
                ) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {% for pair in pairs %}
        {% for name in pair if by_name.get(name, {}).get('status') == 'draft' %}
            {% do found.append('comparison_pairs: `' ~ name ~ '` is a draft. Name another segment, or make it active.') %}
        {% endfor %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}

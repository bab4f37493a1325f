{# What is wrong with the segments, as a list of texts. A pure function of the entries (see _segment_lint_entries()). #}
{% macro _segment_lint_problems(entries, max_segments) %}
    {% set problems = [] %}
    {% set by_name = {} %}
    {% for entry in entries %}{% do by_name.update({entry.name: entry}) %}{% endfor %}
    {#- Once: their own rules are checked each time. -#}
    {% set metrics = segmentation.metrics() if entries | selectattr('metric', 'defined') | rejectattr('metric', 'none') | list else [] %}
    {% for entry in entries %}
        {% for text in segmentation._segment_file_problems(entry, by_name, metrics) %}
            {% do problems.append('Segment `' ~ entry.name ~ '` (' ~ entry.get('path') ~ '): ' ~ text) %}
        {% endfor %}
    {% endfor %}
    {{ return(
        problems + segmentation._same_definition_problems(entries, by_name) + segmentation._number_of_segments_problems(entries, max_segments)
    ) }}
{% endmacro %}

{# What is wrong with one segment, as a list of texts; each begins with the field. `by_name`: all entries. #}
{% macro _segment_file_problems(entry, by_name, metrics) %}
    {% set found = segmentation._segment_name_problems(entry) + segmentation._text_problems(entry) %}
    {% do found.extend(segmentation._status_problems(entry, by_name) + segmentation._objective_problems(entry, metrics)) %}
    {% set lifecycle = entry.get('lifecycle', false) %}
    {% if lifecycle is not boolean %}
        {% do found.append(
            'lifecycle: it must be true (the segment is one of those that hold every user once) or false, got ' ~ tojson(lifecycle) ~ '.'
        ) %}
    {% endif %}
    {% if entry.get('tier') not in (['primary', none] if lifecycle is true else ['primary', 'micro']) %}
        {% do found.append(
            "tier: it must be 'primary' (one of the three to five in focus)"
            ~ (' or absent, since it is part of the lifecycle' if lifecycle is true else " or 'micro'")
            ~ ', got ' ~ tojson(entry.get('tier')) ~ '.'
        ) %}
    {% endif %}
    {% if not segmentation._is_date(entry.get('reviewed_on') | string) %}
        {% do found.append(
            "reviewed_on: it must be the date of the last review (is the segment still useful?), as YYYY-MM-DD,"
            ~ ' got ' ~ tojson(entry.get('reviewed_on') | string if entry.get('reviewed_on') is not none else none) ~ '.'
        ) %}
    {% endif %}
    {% for criterion, sql in (entry.get('expressions') or {}).items() if modules.re.match('(todo|tbd|fixme)\\b', sql.strip('( ') | lower) %}
        {% do found.append(
            'criterion: `' ~ criterion ~ "` is a placeholder. Name it after its condition and write the condition, such as"
            ~ ' habitual = "active_days_28d >= 12"; docs/segments.md lists the possibilities.'
        ) %}
    {% endfor %}
    {{ return(
        found + segmentation._impossible_conditions(entry, by_name) + segmentation._lawful_basis_problems(entry, by_name)
    ) }}
{% endmacro %}

{# The folders of segments: what one is about. #}
{% macro _segment_types() %}
    {{ return(['demographic', 'geographic', 'firmographic', 'technographic', 'customer', 'behavioral', 'psychographic']) }}
{% endmacro %}

{# What is wrong with the name of a segment and with its folder. #}
{% macro _segment_name_problems(entry) %}
    {% set types = segmentation._segment_types() %}
    {% set found = [] %}
    {% if not modules.re.fullmatch('[a-z][a-z0-9]*(_[a-z0-9]+)*', entry.name) %}
        {% do found.append(
            'name: it is not in lower snake case. Rename the file and its line in the registry, such as to `'
            ~ segmentation._as_snake_case(entry.name) ~ '`.'
        ) %}
    {% elif segmentation._says_nothing(entry.name) %}
        {% do found.append(
            'name: it does not say who these users are. Rename the file and its line in the registry to what a product'
            ~ ' manager would call them, such as `power_users`.'
        ) %}
    {% endif %}
    {% if entry.get('type') not in types %}
        {% do found.append(
            "type: unknown folder '" ~ entry.get('type') ~ "'. Move the file to models/segments/<type>/, where the type is one of "
            ~ types | join(', ') ~ '.'
        ) %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}

{# What is wrong with the fields that a person has to write, in words: label, owner, goal, action. #}
{% macro _text_problems(entry) %}
    {% set fields = {
        'label': "write the name people use for these users, such as 'label': 'Power users'",
        'owner': "write the team responsible for it, such as 'owner': 'growth'",
        'goal': "write what you want to learn or reach, such as 'goal': 'Learn what the habitual core does that others do not'",
        'action': "write what is done for its members, such as 'action': 'Invite to the beta program'",
    } %}
    {% set found = [] %}
    {% for field, advice in fields.items() %}
        {% set value = entry.get(field) %}
        {% set text = (value if value is string else '').strip() %}
        {% if value is none or value == '' %}
            {% do found.append(field ~ ': it is missing. In the config of the file, ' ~ advice ~ '.') %}
        {% elif value is not string %}
            {% do found.append(field ~ ': it must be a text, got ' ~ value ~ '. In the config of the file, ' ~ advice ~ '.') %}
        {% elif segmentation._is_placeholder(text) %}
            {% do found.append(field ~ ": '" ~ text ~ "' is a placeholder. In the config of the file, " ~ advice ~ '.') %}
        {% elif field == 'label' and segmentation._says_nothing(segmentation._as_snake_case(text)) %}
            {% do found.append(field ~ ": '" ~ text ~ "' does not say who these users are. In the config of the file, " ~ advice ~ '.') %}
        {% elif field == 'owner' and segmentation._owner_problem(text) %}
            {% do found.append('owner: it ' ~ segmentation._owner_problem(text)) %}
        {% elif field in ['goal', 'action'] and segmentation._is_vague(text) %}
            {% do found.append(
                field ~ ": '" ~ text ~ "' is vague. In three or more words specific to this segment, " ~ advice ~ '.'
            ) %}
        {% endif %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}

{#
    Segments that ask the same as an earlier one, as a list of texts. The names of criteria are part of definition_hash; two
    files that ask the same under other names are one segment too.
#}
{% macro _same_definition_problems(entries, by_name) %}
    {% set problems = [] %}
    {% set owners = {} %}
    {% for entry in entries %}
        {% set identity = entry.get('definition_hash') or entry.get('definition') or '' %}
        {% if entry.get('expressions') %}
            {% set parts = [] %}
            {% for sql in entry.expressions.values() %}{% do parts.append(segmentation._sql_tokens(sql) | join(' ')) %}{% endfor %}
            {% set identity = parts | unique(case_sensitive=true) | sort(case_sensitive=true) | join(' and ') %}
        {% else %}
            {% set identity = modules.re.sub('[ \n\t]+', ' ', identity).strip() %}
        {% endif %}
        {% set key = entry.get('definition_hash') if entry.get('definition_hash') in owners else identity %}
        {% if key and key in owners %}
            {% do problems.append(
                'Segment `' ~ entry.name ~ '` (' ~ entry.get('path') ~ '): definition: it is the same as that of `' ~ owners[key]
                ~ '` (' ~ by_name[owners[key]].get('path') ~ '). Remove one of them, or say in a criterion how they differ.'
            ) %}
        {% elif key %}
            {% do owners.update({identity: entry.name}) %}
            {% if entry.get('definition_hash') %}{% do owners.update({entry.definition_hash: entry.name}) %}{% endif %}
        {% endif %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}

{# What is wrong with the number of segments, of those of tier primary and of all. #}
{% macro _number_of_segments_problems(entries, max_segments) %}
    {% set problems = [] %}
    {#- What is still proposed, or over, takes no room. -#}
    {% set active = [] %}
    {% for entry in entries if entry.get('status', 'active') == 'active' %}{% do active.append(entry) %}{% endfor %}
    {% set primary = active | selectattr('tier', 'defined') | selectattr('tier', 'equalto', 'primary') | map(attribute='name') | list %}
    {#- One of the lifecycle comes with this package: it asks for no more where a project has not chosen any. -#}
    {% set chosen = [] %}
    {% for entry in active if entry.get('tier') == 'primary' and not entry.get('lifecycle') %}{% do chosen.append(entry.name) %}{% endfor %}
    {% if chosen and not 3 <= primary | length <= 5 %}
        {% do problems.append(
            'Segments of tier primary: there must be 3 to 5 (or none), got ' ~ primary | length ~ ': ' ~ primary | join(', ')
            ~ ". Set 'tier' in the config of their files: primary are the few that you act on, and more than five are hard to remember."
        ) %}
    {% endif %}
    {% if active | length > max_segments %}
        {% do problems.append(
            'Segments: there are ' ~ active | length ~ ', more than `vars: max_segments` (' ~ max_segments
            ~ '). Remove those that nobody acts on (marts.segment_scorecard shows which need attention), or raise the variable.'
        ) %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}

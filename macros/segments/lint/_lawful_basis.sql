{#
    The grounds on which personal data may be used (Article 6(1) GDPR, in its order), with what each one takes. A segment
    that uses a sensitive attribute states one of them as `lawful_basis` in its config; docs/privacy.md says more.
#}
{% macro _lawful_bases() %}
    {{ return({
        'consent': 'people agreed to this use, and can withdraw their consent',
        'contract': 'the service they signed up for requires it',
        'legal_obligation': 'a law requires it',
        'vital_interests': "somebody's life depends on it",
        'public_task': 'a public body does it under a legal mandate',
        'legitimate_interests': "our interest outweighs theirs, and the assessment is documented",
    }) }}
{% endmacro %}

{#
    What is wrong with a segment's lawful basis, as a list of at most one text. A pure function of the entries (see
    _segment_lint_entries()).
#}
{% macro _lawful_basis_problems(entry, by_name) %}
    {% set basis = entry.get('lawful_basis') %}
    {% set bases = segmentation._lawful_bases() %}
    {% set advice = "In the config of the file, write one of " ~ bases.keys() | join(', ')
        ~ ", such as 'lawful_basis': 'consent'; docs/privacy.md explains when each one applies." %}
    {% if basis is not none and basis not in bases.keys() | list %}
        {{ return(['lawful_basis: unknown value ' ~ tojson(basis) ~ '. ' ~ advice]) }}
    {% endif %}
    {% set reads = segmentation._sensitive_reads(entry, by_name) %}
    {% if reads and basis is none %}
        {{ return(['lawful_basis: it is missing, but the segment uses sensitive columns: ' ~ reads | join(', ') ~ '. ' ~ advice]) }}
    {% endif %}
    {{ return([]) }}
{% endmacro %}

{#
    The sensitive columns that a segment is defined by, itself or through other segments, as texts: 'gender' or
    'age_band (of under_35)'.
#}
{% macro _sensitive_reads(entry, by_name) %}
    {% set sensitive = entry.get('sensitive_columns') or [] %}
    {% set sql = ((entry.get('expressions') or {}).values() | list + (entry.get('reads_sql') or [])) | join('\n') %}
    {% if not entry.get('expressions') %}{% set sql = entry.get('definition') or '' %}{% endif %}
    {# Neither in comments nor in literals; VALUES (…) is a word of SQL and `values` a column. #}
    {% set sql = modules.re.sub("(?s)--[^\n]*|/[*].*?[*]/|'(?:[^']|'')*'", ' ', sql) %}
    {% set words = modules.re.findall('[a-z_][a-z0-9_]*', modules.re.sub('\\bvalues\\s*[(]', ' (', sql | lower)) %}
    {% set found = [] %}
    {% for column in sensitive if column in words %}{% do found.append(column) %}{% endfor %}
    {% for segment in entry.get('reads_segments') or [] if segment in by_name %}
        {% for column in segmentation._sensitive_reads(by_name[segment], by_name) %}
            {% do found.append(column if ' (of ' in column else column ~ ' (of ' ~ segment ~ ')') %}
        {% endfor %}
    {% endfor %}
    {{ return(found | unique | list) }}
{% endmacro %}

{#
    What the membership of each registered segment rests on, from the manifest: segment -> SQL over the CTE `date_versions` of
    by_date, a bigint that changes with the definition, with that of any segment it is defined by, and with what they read on the
    date. Plain SQL may read what no hash covers, and so does a list, or a segment of another day: their version is another one in
    every run. After `retired_on` nothing can change it.

    Call: {% set versions = segment_versions() %}   (in execution; at parse the mapping is empty)
#}
{% macro segment_versions() %}
    {% set versions = {} %}
    {% for segment in segmentation.segments_in_use() if execute %}
        {% set basis = segmentation._segment_basis(segment, []) %}
        {% set hashed = ["'" ~ local_md5(basis.definitions | join('|')) ~ "'", 'user_features_version'] %}
        {% if basis.reads_activity %}{% do hashed.append('activity_hash') %}{% endif %}
        {% if basis.reads_history %}{% do hashed.append('crm_hash') %}{% endif %}
        {% if basis.reads_present %}{% do hashed.append('present_hash') %}{% endif %}
        {% if basis.is_plain %}{% do hashed.append(dbt.string_literal(invocation_id)) %}{% endif %}
        {% set retired_on = segmentation.segment_entry(segment).get('retired_on') %}
        {% set version = segmentation.fingerprint(hashed) %}
        {% if retired_on %}{% set version = segmentation._until(retired_on, version) %}{% endif %}
        {% do versions.update({segment: version}) %}
    {% endfor %}
    {{ return(versions) }}
{% endmacro %}

{# What a date rests on up to a day; 0 after it, whatever happens. #}
{% macro _until(day, version) %}
    {{ return("case when as_of_date <= cast('" ~ day ~ "' as date) then " ~ version ~ ' else 0 end') }}
{% endmacro %}

{# The definitions and kinds of input behind a segment, those of the segments it is defined by included. #}
{% macro _segment_basis(segment, above) %}
    {% set entry = segmentation.segment_entry(segment) %}
    {% set own = entry.get('segment') %}
    {% if not own or segment in above %}
        {{ return({
            'definitions': [local_md5(entry.get('definition', ''))], 'is_plain': true, 'reads_activity': true, 'reads_history': true,
            'reads_present': true,
        }) }}
    {% endif %}
    {% set basis = {
        'definitions': [own.definition_hash], 'is_plain': own.get('reads_lists', false), 'reads_activity': own.reads_activity,
        'reads_history': own.reads_history, 'reads_present': own.reads_present,
    } %}
    {% for upstream in own.reads_segments %}
        {% set other = segmentation._segment_basis(upstream, above + [segment]) %}
        {% do basis.definitions.extend(other.definitions) %}
        {% do basis.update({
            'is_plain': basis.is_plain or other.is_plain,
            'reads_activity': basis.reads_activity or other.reads_activity,
            'reads_history': basis.reads_history or other.reads_history,
            'reads_present': basis.reads_present or other.reads_present,
        }) %}
    {% endfor %}
    {{ return(basis) }}
{% endmacro %}

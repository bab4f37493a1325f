{#
    What the membership of each registered segment rests on, from the manifest: segment -> a mapping with
      effective_hash    SQL over feature_date_hashes (as date_hashes): a bigint that changes with the definition, with that of
                        any segment it is defined by, and with what they read on the date
      definition_hash   as segment() writes it into the view; none for plain SQL
      is_plain          plain SQL is involved, whose macros and variables no hash covers: evaluated in every build

    Call: {% set hashes = segment_hashes() %}   (in execution; at parse the mapping is empty)
#}
{% macro segment_hashes() %}
    {% set hashes = {} %}
    {% if execute %}
        {% for segment in segmentation.registered_segments() %}
            {% set basis = segmentation._segment_basis(segment, []) %}
            {% set parts = ["'" ~ local_md5(basis.definitions | join('|')) ~ "'", 'date_hashes.features_hash'] %}
            {% if basis.reads_activity or basis.is_plain %}{% do parts.append('date_hashes.activity_hash') %}{% endif %}
            {% if basis.reads_history or basis.is_plain %}{% do parts.append('date_hashes.crm_hash') %}{% endif %}
            {% do hashes.update({segment: {
                'effective_hash': segmentation.fingerprint(parts),
                'definition_hash': segmentation.segment_entry(segment).get('segment', {}).get('definition_hash'),
                'is_plain': basis.is_plain,
            }}) %}
        {% endfor %}
    {% endif %}
    {{ return(hashes) }}
{% endmacro %}

{# The definitions and kinds of input behind a segment, those of the segments it is defined by included. #}
{% macro _segment_basis(segment, above) %}
    {% set entry = segmentation.segment_entry(segment) %}
    {% set own = entry.get('segment') %}
    {% if not own or segment in above %}
        {{ return({
            'definitions': [local_md5(entry.get('definition', ''))], 'is_plain': true, 'reads_activity': true, 'reads_history': true,
        }) }}
    {% endif %}
    {% set basis = {
        'definitions': [own.definition_hash], 'is_plain': false, 'reads_activity': own.reads_activity,
        'reads_history': own.reads_history,
    } %}
    {% for upstream in own.reads_segments %}
        {% set other = segmentation._segment_basis(upstream, above + [segment]) %}
        {% do basis.definitions.extend(other.definitions) %}
        {% do basis.update({
            'is_plain': basis.is_plain or other.is_plain,
            'reads_activity': basis.reads_activity or other.reads_activity,
            'reads_history': basis.reads_history or other.reads_history,
        }) %}
    {% endfor %}
    {{ return(basis) }}
{% endmacro %}

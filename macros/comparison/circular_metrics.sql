{#
    The metrics in which each segment differs by its own definition, as a mapping segment -> list of names: a feature of the
    metric, or one related to it (related_columns()), occurs in the segment's file, in its rendered criteria, or in those of a
    segment it is defined by. Criteria over events make the metrics of activity circular.

    Worked out from text when the model is compiled. It errs to the cautious side: what is named anywhere in the file counts.

    Arguments: segments (list of names), metrics (entries of metrics()).
    Call:      {% set circular = circular_metrics(registered_segments(), metrics()) %}   (at parse all lists are empty)
#}
{% macro circular_metrics(segments, metrics) %}
    {% set circular = {} %}
    {% set groups = segmentation._groups_of_columns() %}
    {% set about = {} %}
    {% for metric in metrics %}
        {% set sql = [metric.get('expression'), metric.get('numerator'), metric.get('denominator')] | select | join(' ') %}
        {#- What stands in quotes in a metric's SQL are values, not features. #}
        {% do about.update({metric.name: segmentation._subjects(modules.re.sub("'[^']*'", '', sql), groups)}) %}
    {% endfor %}
    {% for segment in segments %}
        {% set subjects = segmentation._segment_subjects(segment, groups, []) if execute else [] %}
        {% set names = [] %}
        {% for metric in metrics if about[metric.name] | select('in', subjects) | list %}{% do names.append(metric.name) %}{% endfor %}
        {% do circular.update({segment: names}) %}
    {% endfor %}
    {{ return(circular) }}
{% endmacro %}

{# What a segment's definition is about, upstream segments included; see _subjects(). #}
{% macro _segment_subjects(segment, groups, above) %}
    {% set entry = segmentation.segment_entry(segment) %}
    {% set own = entry.get('segment', {}) %}
    {% set text = ([entry.get('definition', '')] + own.get('expressions', {}).values() | list) | join(' ') %}
    {% set subjects = segmentation._subjects(text, groups) %}
    {% if own.get('reads_activity') %}{% do subjects.extend(['group: activity', 'group: first_use']) %}{% endif %}
    {#- Plain SQL names the segments that it reads in ref(). #}
    {% set named = modules.re.findall('[a-z_][a-z0-9_]*', text) + own.get('reads_segments', []) %}
    {% for other in named | unique if other in segmentation.registered_segments() and other != segment and other not in above %}
        {% do subjects.extend(segmentation._segment_subjects(other, groups, above + [segment])) %}
    {% endfor %}
    {{ return(subjects) }}
{% endmacro %}

{#
    What SQL, or the text of a segment's file, is about, as a list: the stems of the features that it names, and the groups of
    related_columns() that they are in. Names inside quotes count too: in_top_share('mrr', 0.2) is about mrr.

    Arguments: text, groups (from _groups_of_columns()).
#}
{% macro _subjects(text, groups) %}
    {% set subjects = [] %}
    {% for word in modules.re.findall('[a-z_][a-z0-9_]*', text | lower) | unique %}
        {% set stem = segmentation._column_stem(word) %}
        {% if stem in groups %}
            {% do subjects.append(stem) %}
            {% do subjects.extend(groups[stem]) %}
        {% endif %}
    {% endfor %}
    {{ return(subjects) }}
{% endmacro %}

{# Stem of each feature -> the groups of related_columns() that it is in, as 'group: activity'. #}
{% macro _groups_of_columns() %}
    {% set groups = {} %}
    {% for columns in segmentation.feature_families().values() %}
        {% for column in columns %}{% do groups.update({segmentation._column_stem(column): []}) %}{% endfor %}
    {% endfor %}
    {% for group, stems in segmentation.related_columns().items() %}
        {% for stem in stems %}{% do groups.update({stem: groups.get(stem, []) + ['group: ' ~ group]}) %}{% endfor %}
    {% endfor %}
    {{ return(groups) }}
{% endmacro %}

{# A column's name without its window: active_days_previous_28d and active_days_7d are both active_days. #}
{% macro _column_stem(column) %}
    {{ return(modules.re.sub('(_previous)?_[0-9]+d(_ago)?$', '', column)) }}
{% endmacro %}

{#
    The metrics in which each segment differs by its own definition, as a mapping segment -> list of names. A metric is circular
    for a segment where what the one is about and what the other is about have something in common:
      a feature                 named in the segment's file, in its rendered criteria or in those of a segment it is defined by;
                                of a segment in plain SQL also every feature that is computed from an input it reads
      what a feature reads      features() says so, and it is followed to the end: the health score is about days since
                                the last visit
      what is related to it     `related` in features(): windows of one count, all activity, all of the contract
      whether somebody was active   of a feature that is NULL for who did nothing (known_only_if_active), and of criteria
                                over events
      how an account is divided of every metric of accounts: each of its users holds a part, so the number of users decides
      time enough               a definition that bounds the tenure from above: metrics over windows which fewer than half of
                                the tenures it allows can fill

    Worked out from text and declarations when the model is compiled. It errs to the cautious side: what is named anywhere in
    the file counts.

    Arguments: segments (list of names), metrics (entries of metrics()).
    Call:      {% set circular = circular_metrics(registered_segments(), metrics()) %}   (at parse all lists are empty)
#}
{% macro circular_metrics(segments, metrics) %}
    {% set circular = {} %}
    {% set groups = segmentation._groups_of_columns() %}
    {% set measured_groups = segmentation._groups_of_columns(of_definitions=false) %}
    {% set windows = segmentation._windows_of_columns() %}
    {% set about = {} %}
    {% set looks_back = {} %}
    {% for metric in metrics %}
        {% set words = segmentation._metric_words(metric) %}
        {% set subjects = segmentation._subjects(words, measured_groups) %}
        {% if metric.get('level') == 'account' %}{% do subjects.append('account_users') %}{% endif %}
        {% do about.update({metric.name: subjects}) %}
        {% do looks_back.update({metric.name: segmentation._longest_window(words, windows)}) %}
    {% endfor %}
    {% for segment in segments %}
        {% set subjects = segmentation._segment_subjects(segment, groups, []) if execute else [] %}
        {% set tenure = segmentation._segment_tenure(segment, []) if execute else none %}
        {% set names = [] %}
        {% for metric in metrics
            if about[metric.name] | select('in', subjects) | list or (tenure is not none and looks_back[metric.name] > tenure) %}
            {% do names.append(metric.name) %}
        {% endfor %}
        {% do circular.update({segment: names}) %}
    {% endfor %}
    {{ return(circular) }}
{% endmacro %}

{# The SQL of a metric without what stands in quotes: these are values, not features. #}
{% macro _metric_words(metric) %}
    {% set sql = [metric.get('expression'), metric.get('numerator'), metric.get('denominator')] | select | join(' ') %}
    {{ return(modules.re.sub("'[^']*'", '', sql)) }}
{% endmacro %}

{# What a segment's definition is about, upstream segments included; see _subjects(). by_events: criteria over events too. #}
{% macro _segment_subjects(segment, groups, above, by_events=true) %}
    {% set entry = segmentation.segment_entry(segment) %}
    {% set own = entry.get('segment', {}) %}
    {% set text = segmentation._definition_text(entry) %}
    {% set subjects = segmentation._subjects(text, groups) %}
    {% if by_events and own.get('reads_activity') %}{% do subjects.extend(['group: activity', 'group: first_use']) %}{% endif %}
    {% if not own %}{% do subjects.extend(segmentation._subjects_of_models(entry.get('reads_models', []), groups, [])) %}{% endif %}
    {% for other in segmentation._segments_in(text, own) if other != segment and other not in above %}
        {% do subjects.extend(segmentation._segment_subjects(other, groups, above + [segment], by_events)) %}
    {% endfor %}
    {{ return(subjects | unique | list) }}
{% endmacro %}

{# A segment's file and the SQL that its criteria render to. #}
{% macro _definition_text(entry) %}
    {{ return(([entry.get('definition', '')] + entry.get('segment', {}).get('expressions', {}).values() | list) | join('\n')) }}
{% endmacro %}

{# The segments that a definition names: by in_segment(), or plain SQL by ref(). #}
{% macro _segments_in(text, own) %}
    {% set named = modules.re.findall('[a-z_][a-z0-9_]*', text) + own.get('reads_segments', []) %}
    {{ return(named | unique | select('in', segmentation.registered_segments()) | list) }}
{% endmacro %}

{#
    What models are about that a segment in plain SQL reads: the features that are computed from the inputs above them. A model
    that is built on features is about those that its text names. The calendar (dates and who was there) is about nothing.

    Arguments: models (unique ids), groups (from _groups_of_columns()), above (unique ids on the way here).
#}
{% macro _subjects_of_models(models, groups, above) %}
    {% set subjects = [] %}
    {% set calendar = ['as_of_dates', 'data_through', 'calendar_days', 'user_dates', 'user_features', 'user_segments', 'segments'] %}
    {% for node in graph.nodes.values()
        if node.unique_id in models and node.unique_id not in above and node.name not in calendar
        and node.name not in segmentation.registered_segments() %}
        {% set input = modules.re.sub('^stg_|__checked$', '', node.name) %}
        {% if node.name.startswith('stg_') %}
            {% for feature in segmentation.features() if input in feature.reads and input not in ['users', 'identities', 'attribute_history'] %}
                {% do subjects.extend(segmentation._subjects(feature.name, groups)) %}
            {% endfor %}
        {% else %}
            {% for parent in node.depends_on.nodes if parent.split('.')[-1] == 'user_features' %}
                {% do subjects.extend(segmentation._subjects(node.raw_code, groups)) %}
            {% endfor %}
            {% do subjects.extend(segmentation._subjects_of_models(node.depends_on.nodes, groups, above + [node.unique_id])) %}
        {% endif %}
    {% endfor %}
    {{ return(subjects | unique | list) }}
{% endmacro %}

{#
    What SQL, or the text of a segment's file, is about, as a list: the stems of the features that it names, and what these are
    about by _groups_of_columns(). Names inside quotes count too: in_top_share('mrr', 0.2) is about mrr.

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
    {{ return(subjects | unique | list) }}
{% endmacro %}

{#
    Stem of each feature -> what it is about beside itself: the groups that features() puts it in as `related`, as 'group: activity';
    the features that it reads, and what these are about; and, of a definition, activity where it is known of active users
    alone. Tenure that it reads only says whose value is known.

    Arguments: of_definitions (default true; false for what is measured, which leaves out whose value is not known).
#}
{% macro _groups_of_columns(of_definitions=true) %}
    {% set groups = {} %}
    {% set reads = {} %}
    {#- `events` is an input and the stem of a feature. -#}
    {% set names = segmentation.features() | map(attribute='name') | reject('equalto', 'tenure_days') | list %}
    {% for feature in segmentation.features() %}
        {% set found = [] %}
        {% for group in feature.related or [] %}{% do found.append('group: ' ~ group) %}{% endfor %}
        {% if of_definitions and feature.known_only_if_active %}{% do found.append('group: activity') %}{% endif %}
        {% set read = [] %}
        {% for name in feature.reads if name in names %}{% do read.append(segmentation._column_stem(name)) %}{% endfor %}
        {% for name in [segmentation._column_stem(feature.name)] + feature.get('aliases', []) %}
            {% do groups.update({name: (groups.get(name, []) + found) | unique | list}) %}
            {% do reads.update({name: (reads.get(name, []) + read) | unique | list}) %}
        {% endfor %}
    {% endfor %}
    {#- As often as features can read one another in a row. -#}
    {% for _ in range(6) %}
        {% for name, read in reads.items() %}
            {% set found = groups[name] + [] %}
            {% for other in read if other in groups and other != name %}{% do found.extend([other] + groups[other]) %}{% endfor %}
            {% do groups.update({name: found | unique | reject('equalto', name) | list}) %}
        {% endfor %}
    {% endfor %}
    {{ return(groups) }}
{% endmacro %}

{# A column's name without its window: active_days_previous_28d and active_days_7d are both active_days. #}
{% macro _column_stem(column) %}
    {{ return(modules.re.sub('(_previous)?_[0-9]+d(_ago)?$', '', column)) }}
{% endmacro %}

{# Each feature -> the longest window in days that it, or a feature that it reads, looks back over; 0 if none is a number. #}
{% macro _windows_of_columns() %}
    {% set windows = {} %}
    {% for feature in segmentation.features() %}
        {#- A text (the device used most) is one of a window, and no count of it. -#}
        {% set is_count = feature.window_days is number and feature.type != 'string' %}
        {% do windows.update({feature.name: feature.window_days if is_count else 0}) %}
    {% endfor %}
    {% for _ in range(6) %}
        {% for feature in segmentation.features() %}
            {% for name in feature.reads if feature.type != 'string' and windows.get(name, 0) > windows[feature.name] %}
                {% do windows.update({feature.name: windows[name]}) %}
            {% endfor %}
        {% endfor %}
    {% endfor %}
    {{ return(windows) }}
{% endmacro %}

{# The longest window of the features that SQL names, in days. #}
{% macro _longest_window(sql, windows) %}
    {% set found = [0] %}
    {% for word in modules.re.findall('[a-z_][a-z0-9_]*', sql | lower) if word in windows %}{% do found.append(windows[word]) %}{% endfor %}
    {{ return(found | max) }}
{% endmacro %}

{#
    Days that a user of the middle of the tenures has been there that a definition allows, segments it is defined by included; none if it does not bound
    the tenure from above. Where a bound cannot be read (another column of the signup, a calculation), 0.

    Arguments: segment (name), above (segments on the way here).
#}
{% macro _segment_tenure(segment, above) %}
    {% set entry = segmentation.segment_entry(segment) %}
    {% set own = entry.get('segment', {}) %}
    {% set text = segmentation._definition_text(entry) %}
    {#- Without comments; of segment() what its criteria render to. -#}
    {% set sql = (own.expressions.values() | list + own.reads_sql) | join('\n') if own
        else modules.re.sub('(?s)[{]#.*?#[}]|/[*].*?[*]/|--[^\n]*', ' ', text) %}
    {% set found = [segmentation._tenure_in(sql)] %}
    {% for other in segmentation._segments_in(text, own) if other != segment and other not in above %}
        {% do found.append(segmentation._segment_tenure(other, above + [segment])) %}
    {% endfor %}
    {% set bounds = found | reject('none') | list %}
    {{ return(bounds | min if bounds else none) }}
{% endmacro %}

{# The same of one text. #}
{% macro _tenure_in(text) %}
    {% set text = text | lower %}
    {% if modules.re.search('\\b(signup_week|signed_up_at|signup_date)\\b', text) %}{{ return(0) }}{% endif %}
    {% if not modules.re.search('\\btenure_days\\b', text) %}{{ return(none) }}{% endif %}
    {% set number = '([0-9]+(?:[.][0-9]+)?)\\b(?! *[-+*/.])' %}
    {% set sign = ' *(<=|<|>=|>|=) *' %}
    {% set upper = [] %}
    {% set lower = [] %}
    {#- Each mention is read by one form: between, then the tenure first, then the number first. -#}
    {% set range = '\\btenure_days +between +' ~ number ~ ' +and +' ~ number %}
    {% set tenure_first = '\\btenure_days' ~ sign ~ number %}
    {% set number_first = '(?<![-+*/.0-9a-z_])' ~ number ~ sign ~ 'tenure_days\\b(?! *[-+*/])' %}
    {% for low, high in modules.re.findall(range, text) %}
        {% do lower.append(low | float) %}
        {% do upper.append(high | float) %}
    {% endfor %}
    {% set rest = modules.re.sub(range, '', text) %}
    {% for found, value in modules.re.findall(tenure_first, rest) %}
        {% if '<' in found or found == '=' %}{% do upper.append(value | float) %}{% endif %}
        {% if '>' in found or found == '=' %}{% do lower.append(value | float) %}{% endif %}
    {% endfor %}
    {% set rest = modules.re.sub(tenure_first, '', rest) %}
    {% for value, found in modules.re.findall(number_first, rest) %}
        {% if '>' in found or found == '=' %}{% do upper.append(value | float) %}{% endif %}
        {% if '<' in found or found == '=' %}{% do lower.append(value | float) %}{% endif %}
    {% endfor %}
    {% set rest = modules.re.sub(number_first, '', rest) %}
    {#- Something else is done with it, or a lower bound may be turned round. -#}
    {% if modules.re.search('\\btenure_days\\b', rest) or (lower and not upper and modules.re.search('\\b(not|none_of)\\b', text)) %}
        {{ return(0) }}
    {% endif %}
    {% if not upper %}{{ return(none) }}{% endif %}
    {#- Whoever signed up n days ago has been there for n + 1 days. -#}
    {{ return([((upper | min) + (lower | max if lower else 0)) / 2, upper | min] | min + 1) }}
{% endmacro %}

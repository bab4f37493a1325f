{#
    Stops the build if a registered segment is vague, doubled or impossible, before anything is computed.

    Runs on-run-start. The rules need no data: what a person wrote in the file is enough to break them. All problems of all
    segments are told at once; each names the segment, its file, the rule and what to do. `vars: segment_lint: warn` prints
    them and goes on. What only the data can tell is in the mart segment_scorecard.
#}
{% macro check_segments() %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% set problems = segmentation._segment_lint_problems(segmentation._segment_lint_entries(), segmentation.setting('max_segments')) %}
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

{# What is wrong with the segments, as a list of texts. A pure function of the entries (see _segment_lint_entries()). #}
{% macro _segment_lint_problems(entries, max_segments) %}
    {% set types = [
        'demographic', 'geographic', 'firmographic', 'technographic', 'customer', 'behavioral', 'psychographic',
    ] %}
    {% set fields = {
        'label': "write the name people use for these users, such as 'label': 'Power users'",
        'owner': "write the team responsible for it, such as 'owner': 'growth'",
        'goal': "write what you want to learn or reach, such as 'goal': 'Learn what the habitual core does that others do not'",
        'action': "write what is done for its members, such as 'action': 'Invite to the beta program'",
    } %}
    {% set problems = [] %}
    {% set by_name = {} %}
    {% for entry in entries %}{% do by_name.update({entry.name: entry}) %}{% endfor %}

    {% for entry in entries %}
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
            {% elif field in ['goal', 'action'] and segmentation._is_vague(text) %}
                {% do found.append(
                    field ~ ": '" ~ text ~ "' is vague. In three or more words specific to this segment, " ~ advice ~ '.'
                ) %}
            {% endif %}
        {% endfor %}
        {% if entry.get('tier') not in ['primary', 'micro'] %}
            {% do found.append(
                "tier: it must be 'primary' (one of three to five that together cover every user once) or 'micro', got "
                ~ tojson(entry.get('tier')) ~ '.'
            ) %}
        {% endif %}
        {% if not segmentation._is_calendar_date(entry.get('reviewed_on')) %}
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
        {% do found.extend(segmentation._impossible_conditions(entry, by_name)) %}
        {% do found.extend(segmentation._lawful_basis_problems(entry, by_name)) %}
        {% for text in found %}
            {% do problems.append('Segment `' ~ entry.name ~ '` (' ~ entry.get('path') ~ '): ' ~ text) %}
        {% endfor %}
    {% endfor %}

    {# The names of criteria are part of definition_hash; two files that ask the same under other names are one segment too. #}
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

    {% set primary = entries | selectattr('tier', 'defined') | selectattr('tier', 'equalto', 'primary') | map(attribute='name') | list %}
    {% if primary and not 3 <= primary | length <= 5 %}
        {% do problems.append(
            'Segments of tier primary: there must be 3 to 5 (or none), got ' ~ primary | length ~ ': ' ~ primary | join(', ')
            ~ ". Set 'tier' in the config of their files; more than five are hard to remember, and one or two do not distinguish users."
        ) %}
    {% endif %}
    {% if entries | length > max_segments %}
        {% do problems.append(
            'Segments: there are ' ~ entries | length ~ ', more than `vars: max_segments` (' ~ max_segments
            ~ '). Remove those that nobody acts on (marts.segment_scorecard shows which need attention), or raise the variable.'
        ) %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}

{# 'Users Who Like' -> users_who_like #}
{% macro _as_snake_case(text) %}
    {{ return(
        modules.re.sub('[^a-z0-9]+', '_', modules.re.sub('([a-z0-9])([A-Z])', '\\1_\\2', text) | lower).strip('_') or 'power_users'
    ) }}
{% endmacro %}

{# Whether a name in snake case consists only of words that fit any segment: segment_1, test_users, group_a, new_segment. #}
{% macro _says_nothing(name) %}
    {% set empty = [
        'segment', 'segments', 'seg', 'group', 'groups', 'cohort', 'cohorts', 'cluster', 'bucket', 'audience', 'list', 'set',
        'user', 'users', 'people', 'person', 'persons', 'customer', 'customers', 'account', 'accounts', 'member', 'members',
        'test', 'tests', 'testing', 'temp', 'tmp', 'misc', 'miscellaneous', 'other', 'others', 'stuff', 'thing', 'things', 'untitled',
        'unnamed', 'foo', 'bar', 'baz', 'example', 'sample', 'demo', 'draft', 'copy', 'final', 'dummy', 'my', 'our', 'the', 'some',
        'data', 'default', 'asdf', 'todo', 'tbd', 'xxx', 'of', 'and',
    ] %}
    {# 'new' says something of users, but nothing of a segment. #}
    {% set words = name.split('_') %}
    {% if words | length > 1 and 'new' in words and ('users' not in words and 'user' not in words and 'customers' not in words and 'accounts' not in words) %}
        {% set empty = empty + ['new'] %}
    {% endif %}
    {% set telling = [] %}
    {% for word in words %}
        {% set stem = modules.re.sub('[0-9]+$', '', word) %}
        {% if stem and word not in empty and stem not in empty and not modules.re.fullmatch('[a-z]|v[0-9]+', word) %}
            {% do telling.append(word) %}
        {% endif %}
    {% endfor %}
    {{ return(not telling) }}
{% endmacro %}

{# Whether a text stands in for one that is still to be written. #}
{% macro _is_placeholder(text) %}
    {% set bare = modules.re.sub('[^a-z0-9]+', ' ', text | lower).strip() %}
    {% if not modules.re.search('[^\\W_]', text) %}{{ return(true) }}{% endif %}
    {{ return(
        modules.re.match('(todo|tbd|tba|tbc|fixme|lorem ipsum)( |$)', bare) is not none
        or bare in [
            'x', 'xx', 'xxx', 'n a', 'na', 'none', 'null', 'nil', 'unknown', 'placeholder', 'to be defined', 'to be decided',
            'to be done', 'to be determined', 'to do', 'later', 'nobody', 'no one', 'noone', 'someone', 'somebody', 'anyone',
            'test', 'asdf', 'foo', 'bar', 'example', 'label', 'owner', 'goal', 'action', 'empty', 'nothing',
        ]
    ) }}
{% endmacro %}

{# Whether a goal or an action has fewer than three words, or none that would not fit every segment. #}
{% macro _is_vague(text) %}
    {% set general = [
        'a', 'an', 'the', 'to', 'of', 'and', 'or', 'for', 'in', 'on', 'at', 'with', 'about', 'our', 'us', 'we', 'i', 'it', 'its', 'is', 'are',
        'be', 'do', 'what', 'who', 'how', 'they', 'them', 'their', 'these', 'those', 'this', 'that', 'all', 'some', 'more', 'better',
        'well', 'just', 'here', 'then', 'over', 'time', 'new', 'things', 'something', 'stuff', 'user', 'users', 'people', 'customer',
        'customers', 'segment', 'group', 'know', 'monitor', 'watch', 'track', 'see', 'look', 'understand', 'learn', 'observe',
        'analyse', 'analyze', 'have', 'get', 'keep', 'eye', 'check', 'follow', 'engage', 'target', 'improve', 'help', 'insight',
        'insights', 'data', 'closely', 'regularly', 'generally', 'can', 'will', 'should', 'informed',
    ] %}
    {# A script without spaces has one word per character here. #}
    {% set words = modules.re.findall('[\u3040-\u30ff\u3400-\u9fff]|[^\\W_]+', text | lower) %}
    {{ return(words | length < 3 or words | reject('in', general) | list | length == 0) }}
{% endmacro %}

{# Whether a value is a day of the calendar written as YYYY-MM-DD. #}
{% macro _is_calendar_date(value) %}
    {% set parts = modules.re.fullmatch('([0-9]{4})-([0-9]{2})-([0-9]{2})', value | string) %}
    {% if not parts %}{{ return(false) }}{% endif %}
    {% set year = parts.group(1) | int %}
    {% set month = parts.group(2) | int %}
    {% set is_leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0 %}
    {% if not (year >= 1 and 1 <= month <= 12) %}{{ return(false) }}{% endif %}
    {% set days = [31, 29 if is_leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] %}
    {{ return(1 <= parts.group(3) | int <= days) }}
{% endmacro %}

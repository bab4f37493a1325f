{# What makes a name, a label, a goal or an action useless, whatever segment it is for. #}

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

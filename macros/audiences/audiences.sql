{#
    The variable `audiences`, checked, with every property filled in: a list of {name, destination, segment, key, key_kind,
    holdout_share, max_change_share, exclude_segments}.

    Call:   {% for audience in audiences() %}
    Errors: an unknown property, destination, segment or key, a share out of range or a name given twice stops the parse.
#}
{% macro audiences() -%}
    {%- set default_share = var('audience_max_change_share') -%}
    {%- set problems = segmentation._audiences_problems(var('audiences'), default_share, segmentation.registered_segments()) -%}
    {%- if problems -%}{{ exceptions.raise_compiler_error(problems | join('\n    ')) }}{%- endif -%}
    {%- set filled = [] -%}
    {%- for entry in var('audiences') -%}
        {%- set keys = segmentation.audience_destinations()[entry.destination] -%}
        {%- set key = entry.get('key') or keys.keys() | first -%}
        {%- do filled.append({
            'name': entry.name, 'destination': entry.destination, 'segment': entry.segment, 'key': key, 'key_kind': keys[key],
            'holdout_share': entry.get('holdout_share', 0), 'max_change_share': entry.get('max_change_share', default_share),
            'exclude_segments': entry.get('exclude_segments', []),
        }) -%}
    {%- endfor -%}
    {{ return(filled) }}
{%- endmacro %}

{# What is wrong with the variables of audiences, as a list of texts. #}
{% macro _audiences_problems(entries, default_share, segments) -%}
    {%- set problems = [] -%}
    {%- if default_share is boolean or default_share is not number or not default_share > 0 -%}
        {%- do problems.append(
            'vars: audience_max_change_share: must be a number above 0, got ' ~ tojson(default_share) ~ '.'
        ) -%}
    {%- endif -%}
    {%- if entries is string or entries is mapping or entries is not sequence -%}
        {%- do problems.append(
            'vars: audiences: must be a list of {name, destination, segment}, got ' ~ tojson(entries) ~ '.'
        ) -%}
        {{ return(problems) }}
    {%- endif -%}
    {%- set known = [
        'name', 'destination', 'segment', 'key', 'holdout_share', 'max_change_share', 'exclude_segments',
    ] -%}
    {%- set destinations = segmentation.audience_destinations() -%}
    {%- set names = [] -%}
    {%- for entry in entries -%}
        {%- set place = 'vars: audiences: ' ~ (entry.get('name') if entry is mapping) -%}
        {%- if entry is not mapping or entry.get('name') is not string
            or not modules.re.fullmatch('[a-z][a-z0-9_]{0,59}', entry.get('name')) -%}
            {%- do problems.append(
                'vars: audiences: every entry needs a `name` in lower snake case of at most 60 characters, got '
                ~ tojson(entry.get('name') if entry is mapping else entry) ~ '.'
            ) -%}
        {%- elif entry.name in names -%}
            {%- do problems.append(place ~ ': `name` must be given once.') -%}
        {%- else -%}
            {%- do names.append(entry.name) -%}
            {%- for property in entry if property not in known -%}
                {%- do problems.append(
                    place ~ ' has an unknown property `' ~ property ~ '`; known: ' ~ known | join(', ') ~ '.'
                ) -%}
            {%- endfor -%}
            {%- if entry.get('destination') not in destinations -%}
                {%- do problems.append(
                    place ~ ': `destination` must be one of ' ~ destinations.keys() | join(', ') ~ ', got '
                    ~ tojson(entry.get('destination')) ~ '.'
                ) -%}
            {%- elif entry.get('key') is not none and entry.key not in destinations[entry.destination] -%}
                {%- do problems.append(
                    place ~ ': `key` of ' ~ entry.destination ~ ' must be one of '
                    ~ destinations[entry.destination].keys() | join(', ') ~ ', got ' ~ tojson(entry.key) ~ '.'
                ) -%}
            {%- endif -%}
            {%- if entry.get('segment') not in segments -%}
                {%- do problems.append(segmentation._audience_segment_problem(place, 'segment', entry.get('segment'))) -%}
            {%- endif -%}
            {%- set excluded = entry.get('exclude_segments', []) -%}
            {%- if excluded is string or excluded is mapping or excluded is not sequence -%}
                {%- do problems.append(
                    place ~ ': `exclude_segments` must be a list of segments, got ' ~ tojson(excluded) ~ '.'
                ) -%}
            {%- else -%}
                {%- for segment in excluded if segment not in segments or segment == entry.get('segment') -%}
                    {%- do problems.append(
                        place ~ ': `exclude_segments` must not hold its own segment ' ~ tojson(segment) ~ ': nobody would be left.'
                        if segment in segments
                        else segmentation._audience_segment_problem(place, 'exclude_segments', segment)
                    ) -%}
                {%- endfor -%}
            {%- endif -%}
            {%- set share = entry.get('holdout_share', 0) -%}
            {%- if share is boolean or share is not number or not 0 <= share < 1 -%}
                {%- do problems.append(
                    place ~ ': `holdout_share` must be a number from 0 to below 1, got ' ~ tojson(share) ~ '.'
                ) -%}
            {%- endif -%}
            {%- set limit = entry.get('max_change_share', 1) -%}
            {%- if limit is boolean or limit is not number or not limit > 0 -%}
                {%- do problems.append(place ~ ': `max_change_share` must be a number above 0, got ' ~ tojson(limit) ~ '.') -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}

{% macro _audience_segment_problem(place, property, value) -%}
    {{ return(
        place ~ ': `' ~ property ~ '` must name registered segments (macros/registries/segments.sql), got '
        ~ tojson(value) ~ '.'
    ) }}
{%- endmacro %}

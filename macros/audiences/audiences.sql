{#
    The variable `audiences`, checked, with every property filled in: a list of {name, destination, segment, surface, consent, key,
    key_kind, holdout_share, max_change_share, exclude_segments, metric}. consent: the column of users that must be true, or none;
    metric: what the entry names, or none.

    Call:   {% for audience in audiences() %}
    Errors: an unknown property, destination, segment or key, a share out of range or a name given twice stops the parse.
#}
{% macro audiences() -%}
    {%- set default_share = segmentation.setting('audience_max_change_share') -%}
    {%- set filled = [] -%}
    {%- for entry in segmentation.setting('audiences') -%}
        {%- set keys = segmentation.audience_destinations()[entry.destination] -%}
        {%- set key = entry.get('key') or keys.keys() | first -%}
        {#- Where nothing is said an audience keeps to the strictest rule: it asks for consent, as all did before there were surfaces. -#}
        {%- set is_ads = entry.destination in ('google_customer_match', 'meta_custom_audience') -%}
        {%- set surface = entry.get('surface') or ('ads' if is_ads else 'email') -%}
        {%- do filled.append({
            'name': entry.name, 'destination': entry.destination, 'segment': entry.segment, 'key': key, 'key_kind': keys[key],
            'holdout_share': entry.get('holdout_share', 0), 'max_change_share': entry.get('max_change_share', default_share),
            'exclude_segments': entry.get('exclude_segments', []), 'surface': surface,
            'consent': segmentation.surface_consents().get(surface), 'metric': entry.get('metric'),
        }) -%}
    {%- endfor -%}
    {{ return(filled) }}
{%- endmacro %}

{#
    What is wrong with the entries of the variable `audiences` beyond its rule in macros/registries/variables.sql, as a list of
    texts: a key that the destination does not take, and an audience that leaves out its own segment.
#}
{% macro _audiences_problems(entries) -%}
    {%- set problems = [] -%}
    {%- set destinations = segmentation.audience_destinations() -%}
    {%- for entry in entries -%}
        {%- set place = 'vars: audiences: ' ~ entry.name -%}
        {%- if entry.get('key') is not none and entry.key not in destinations[entry.destination] -%}
            {%- do problems.append(
                place ~ ': `key` of ' ~ entry.destination ~ ' must be one of '
                ~ destinations[entry.destination].keys() | join(', ') ~ ', got ' ~ tojson(entry.key) ~ '.'
            ) -%}
        {%- endif -%}
        {%- if entry.segment in entry.get('exclude_segments', []) -%}
            {%- do problems.append(
                place ~ ': `exclude_segments` must not hold its own segment ' ~ tojson(entry.segment) ~ ': nobody would be left.'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}

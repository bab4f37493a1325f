{#
    `vars: events` with every property filled in: a list of {name, is_human, is_feature, is_core, category}.

    That variable is the registry of events, since only a project knows its events: macros/registries/ has no list of them.
    Which events activate, convert or make up a funnel are variables too; the columns of an event are in inputs().

    Call:   {% for event in listed_events() %}
#}
{% macro listed_events() -%}
    {%- set events = [] -%}
    {#- Each criterion asks for it: the check of every entry is left to check_registries(). -#}
    {%- set entries = segmentation._unchecked_setting('events') -%}
    {%- if not segmentation._are_events(entries) -%}
        {%- do segmentation.check_registries() -%}
    {%- endif -%}
    {%- for entry in entries -%}
        {%- do events.append({
            'name': entry.get('name'),
            'is_human': entry.get('is_human', true),
            'is_feature': entry.get('is_feature', false),
            'is_core': entry.get('is_core', false),
            'category': entry.get('category'),
        }) -%}
    {%- endfor -%}
    {{ return(events) }}
{%- endmacro %}

{#
    `vars: events` with every property filled in: a list of {name, is_human, is_feature, category}.

    That variable is the registry of events, since only a project knows its events: macros/registries/ has no list of them.
    Which events activate, convert or make up a funnel are variables too; the columns of an event are in inputs().

    Call:   {% for event in listed_events() %}
    Errors: an entry without a name, a name given twice, or an unknown property stops the parse.
#}
{% macro listed_events() -%}
    {%- set events = [] -%}
    {%- set names = [] -%}
    {%- for entry in var('events') -%}
        {%- if entry is not mapping or not entry.get('name') -%}
            {{ exceptions.raise_compiler_error("vars: events: every entry needs a `name`, got " ~ entry ~ ".") }}
        {%- elif entry.name in names -%}
            {{ exceptions.raise_compiler_error("vars: events: `" ~ entry.name ~ "` is listed twice.") }}
        {%- endif -%}
        {%- for property in entry if property not in ['name', 'is_human', 'is_feature', 'category'] -%}
            {{ exceptions.raise_compiler_error(
                "vars: events: `" ~ entry.name ~ "` has an unknown property `" ~ property
                ~ "`; known: name, is_human, is_feature, category."
            ) }}
        {%- endfor -%}
        {%- do names.append(entry.name) -%}
        {%- do events.append({
            'name': entry.name,
            'is_human': entry.get('is_human', true),
            'is_feature': entry.get('is_feature', false),
            'category': entry.get('category'),
        }) -%}
    {%- endfor -%}
    {{ return(events) }}
{%- endmacro %}

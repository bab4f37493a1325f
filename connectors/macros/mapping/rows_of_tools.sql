{#
    The rows of an input that each of its tools gives, one below the other, with `tool` and left_out_because; also those that were left
    out.

    Events that several tools report are counted once if the variable `events_once` lists these tools: the first of them counts, and what the
    others report under the same id is left out as told_by_another_tool. The id (shared_id) is Segment's message id, which its destinations pass
    on as the insert id of Amplitude and Mixpanel.

        events_once: [segment, amplitude]

    Arguments: input.
    Call:      select * from ({{ rows_of_tools('events') }})
    Errors:    a tool in `events_once` that does not have such an id stops the parse.
#}
{% macro rows_of_tools(input) -%}
    {%- set once = (var('events_once', none) or []) if input == 'events' else [] -%}
    {%- for tool in once if tool not in ('segment', 'amplitude', 'mixpanel') -%}
        {{ exceptions.raise_compiler_error('events_once: `' ~ tool ~ '` does not have an id in common with others; tools that do are segment,'
            ~ ' amplitude, mixpanel.') }}
    {%- endfor -%}
    {%- if not once -%}
    {{ segmentation_connectors._rows_of_tools(input) }}
    {%- else -%}
    with
    reported as (
        {{ segmentation_connectors._rows_of_tools(input) }}
    ),

    placed as (
        select
            *,
            case tool
                {%- for tool in once %}
                when '{{ tool }}' then {{ loop.index }}
                {%- endfor %}
            end as place
        from reported
    ),

    compared as (
        select *, min(place) filter (where left_out_because is null) over (partition by shared_id) as first_place
        from placed
    )

    select
        * exclude (place, first_place, left_out_because),
        coalesce(
            left_out_because, case when shared_id is not null and place > first_place then 'told_by_another_tool' end
        ) as left_out_because
    from compared
    {%- endif -%}
{%- endmacro %}

{# The same without a look at what is there twice, of some tools or of all. #}
{% macro _rows_of_tools(input, tools=none) -%}
    {%- set more = ['shared_id'] if input == 'events' else [] -%}
    {%- set columns = segmentation.input_contract(input).columns.keys() | list + more + ['left_out_because'] -%}
    {%- set selects = [] -%}
    {%- for tool in segmentation_connectors.tools_giving(input) if tools is none or tool in tools -%}
        {%- if tool == 'own' -%}
            {%- for select in segmentation_connectors._own_selects(input, columns) -%}{%- do selects.append([tool, select]) -%}{%- endfor -%}
        {%- else -%}
            {%- do selects.append([tool, 'select * from ' ~ ref('connector_' ~ tool ~ '_' ~ input)]) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for tool, select in selects %}
    {{ 'union all' if not loop.first }}
    select
        '{{ tool }}' as tool,
        {%- for column in columns %}
        cast({{ column }} as varchar) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from ({{ select }})
    {%- endfor %}
{%- endmacro %}

{# What `own` gives of an input, as a list of SELECTs: a model with its columns, and history out of versions. #}
{% macro _own_selects(input, columns) %}
    {% set own = var('connectors')['own'] %}
    {% set selects = [] %}
    {% if own.get(input) %}{% do selects.append(segmentation.with_missing_columns(ref(own[input]), columns)) %}{% endif %}
    {% for of_input in ('users', 'accounts') if input == 'attribute_history' and own.get(of_input ~ '_versions') %}
        {% set history = segmentation.versions_as_history(of_input, ref(own[of_input ~ '_versions'])) %}
        {% do selects.append(segmentation.with_missing_columns('(' ~ history ~ ')', columns)) %}
    {% endfor %}
    {{ return(selects) }}
{% endmacro %}

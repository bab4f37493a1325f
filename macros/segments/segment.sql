{#
    A segment: who is in it, on every date, and why. The body of a model in models/segments/<type>/.

    Renders a SELECT over user_features with user_id, as_of_date, one boolean per named criterion (never NULL),
    `is_member` (all of them) and `definition_hash` (md5 of the criteria). So "why is this user not in it?" is one query.

    Arguments: one or more named criteria, each a SQL expression over the columns of user_features.
    Call:      {{ segment(habitual="active_days_28d >= 16", broad="distinct_features_28d >= 6") }}
    Errors:    no criterion, an empty one, a reserved or ill-formed name, or a model that is missing from
               registered_segments() stops the parse and names the model, the argument and the rule.
#}
{% macro segment() -%}
{%- set problems = segmentation._segment_problems(kwargs, varargs) -%}
{%- if problems -%}
    {{ exceptions.raise_compiler_error("Segment `" ~ model.name ~ "`: " ~ problems | join('\n    ')) }}
{%- endif -%}
{%- if model.name not in segmentation.registered_segments() and model.config.enabled is not false -%}
    {{ exceptions.raise_compiler_error(
        segmentation._unregistered_segment_message(model.name, model.original_file_path)
    ) }}
{%- endif -%}
{%- set definition_hash = local_md5(segmentation.normalised_sql(tojson(kwargs, sort_keys=true))) -%}
with
user_features as (
    select * from {{ ref('user_features') }}
),

criteria as (
    select
        user_id,
        {%- for name, expression in kwargs.items() %}
        coalesce(({{ expression }}), false) as {{ name }},
        {%- endfor %}
        as_of_date
    from user_features
),

members as (
    select
        user_id,
        '{{ definition_hash }}' as definition_hash,
        {%- for name in kwargs %}
        {{ name }},
        {%- endfor %}
        {{ kwargs.keys() | join(' and ') }} as is_member,
        as_of_date
    from criteria
)

select * from members
{%- endmacro %}

{# What is wrong with the arguments of segment(), as a list of texts. #}
{% macro _segment_problems(criteria, positional=[]) %}
    {% set problems = [] %}
    {% if positional %}
        {% do problems.append("segment: every criterion needs a name, got " ~ positional | join(', ') ~ ".") %}
    {% endif %}
    {% if not criteria %}
        {% do problems.append("segment: at least one criterion is needed, got none.") %}
    {% endif %}
    {% for name, expression in criteria.items() %}
        {% if name in ['user_id', 'as_of_date', 'is_member', 'definition_hash'] %}
            {% do problems.append("segment: `" ~ name ~ "` is the name of a column of every segment; take another.") %}
        {% elif not modules.re.fullmatch('[a-z][a-z0-9_]*', name) %}
            {% do problems.append("segment: `" ~ name ~ "` must be a name in lower snake case.") %}
        {% endif %}
        {% if expression is not string or not expression.strip() %}
            {% do problems.append(
                "segment: `" ~ name ~ "` must be an SQL expression over user_features, got '" ~ expression ~ "'."
            ) %}
        {% endif %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}

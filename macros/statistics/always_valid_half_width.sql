{#
    How far an always-valid interval reaches to each side of a difference: it covers at setting('confidence_level') at all looks
    together, however often one looks and whenever one stops. The price is a wider interval at any one look.

    SE·√N·√(2(Nρ² + 1)·ln(√(Nρ² + 1)/α)) / (Nρ), with ρ² = (−2·ln α + ln(1 − 2·ln α)) / planned_users: narrowest, next to the
    fixed interval, near that many users. NULL unless users and the standard error are above 0.

    Arguments: standard_error (SQL, of the difference), users (SQL, of both arms together), planned_users (number, set before
               the start).
    Call:      {{ always_valid_half_width('standard_error', 'users', setting('experiment_planned_users')) }}
    Errors:    planned_users that is not a number above 0 stops the parse.
    Source:    Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024), Time-uniform central limit theory and asymptotic
               confidence sequences, Annals of Statistics 52, 2613–2640; the mixture is Robbins's (1970).
#}
{% macro always_valid_half_width(standard_error, users, planned_users) -%}
    {%- set alpha = 1 - segmentation.setting('confidence_level') -%}
    {%- set log_alpha = segmentation._double(segmentation._ln_number(alpha)) -%}
    {%- set users, standard_error = segmentation._operand(users), segmentation._operand(standard_error) -%}
    {%- set mixture = users ~ ' * ' ~ segmentation._always_valid_mixture('always_valid_half_width', planned_users) -%}
    case
        when {{ users }} > 0 and {{ standard_error }} > 0
            then {{ standard_error }} * sqrt(
                2e0 * ({{ mixture }} + 1e0) * (5e-1 * ln({{ mixture }} + 1e0) - ({{ log_alpha }})) / nullif({{ mixture }}, 0)
            )
    end
{%- endmacro %}

{# ρ², what one user adds to Nρ²: SQL of a number. #}
{% macro _always_valid_mixture(macro, planned_users) -%}
    {%- set problems = segmentation._always_valid_problems(macro, planned_users) -%}
    {%- if problems -%}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{%- endif -%}
    {%- set log_alpha = segmentation._ln_number(1 - segmentation.setting('confidence_level')) -%}
    {{ return(segmentation._double(
        (-2 * log_alpha - segmentation._ln_number(1 / (1 - 2 * log_alpha))) / planned_users
    )) }}
{%- endmacro %}

{% macro _always_valid_problems(macro, planned_users) -%}
    {%- if planned_users is boolean or planned_users is not number or not planned_users > 0 -%}
        {{ return([macro ~ ": `planned_users` must be a number above 0, got " ~ tojson(planned_users) ~ "."]) }}
    {%- endif -%}
    {{ return([]) }}
{%- endmacro %}

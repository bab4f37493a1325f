{#
    The p value that belongs to always_valid_half_width(): below 1 − setting('confidence_level') exactly where the always-valid
    interval leaves out 0. It may be looked at as often as one likes.

    √(Nρ² + 1)·exp(−z²·Nρ² / (2(Nρ² + 1))), at most 1; 0 beyond what a double holds. NULL unless users are above 0.

    Arguments: z (SQL; a bare column: difference / standard error), users (SQL, of both arms together), planned_users (number).
    Call:      {{ always_valid_p_value('z', 'users', setting('experiment_planned_users')) }}
    Errors:    planned_users that is not a number above 0 stops the parse.
    Source:    as always_valid_half_width(), solved for α with ρ held; Johari, Koomen, Pekelis and Walsh (2022), Always valid
               inference, Operations Research 70, 1806–1821.
#}
{% macro always_valid_p_value(z, users, planned_users) -%}
    {%- set z, users = segmentation._operand(z), segmentation._operand(users) -%}
    {%- set mixture = users ~ ' * ' ~ segmentation._always_valid_mixture('always_valid_p_value', planned_users) -%}
    {%- set exponent -%}
        5e-1 * ln({{ mixture }} + 1e0) - {{ z }} * {{ z }} * ({{ mixture }}) / (2e0 * ({{ mixture }} + 1e0))
    {%- endset -%}
    case
        when {{ users }} > 0 and {{ exponent }} > 0 then 1e0
        when {{ users }} > 0 and {{ exponent }} < -7e2 then 0e0
        when {{ users }} > 0 then exp({{ exponent }})
    end
{%- endmacro %}

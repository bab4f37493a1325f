{#
    By what to multiply the sum of an account's residuals, so that a large account, which pulls the mean of all users to itself, does
    not seem to lie nearer to it than it does, as double: √((n − 1) / (n − account_n)), 1 for a user alone; NULL without users.

    If accounts differ, what an account's mean is from the mean of all has 1 − account_n / n of its variance left; 1 − 1 / n of a
    user is in every variance with the divisor n − 1 already. An account that is nearly all counts as if it had one user less.

    Arguments: account_n, n (SQL, users of the account, of all).
    Call:      {{ account_pull('account_n', 'all_n') }}
    Source:    Bell and McCaffrey (2002), Bias reduction in standard errors for linear regression with multi-stage samples, Survey
               Methodology 28, 169–181 (CR2), for a mean; design_effect().
#}
{% macro account_pull(account_n, n) -%}
    {%- set account_n, n = segmentation._operand(account_n), segmentation._operand(n) -%}
    {%- set others = n ~ ' - ' ~ account_n -%}
    case
        when {{ n }} >= 1
            then sqrt(({{ n }} - 1e0) / case when {{ others }} < 1 then 1e0 else {{ others }} end)
    end
{%- endmacro %}

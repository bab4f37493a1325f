{#
    An e-mail address in the one form in which a destination compares (and hashes) it.

    | rule | what is done | who wants it |
    |---|---|---|
    | plain | white space, control and format characters at both ends cut, lower case | Meta, and whoever takes plain addresses |
    | google | the same everywhere in the text; in gmail.com and googlemail.com no dots and no +suffix before the @ | Google |

    Lower case is that of lower_address(): no letter beyond ASCII becomes one of ASCII.

    Arguments: expression (SQL, text), rule (plain or google).
    Call:      {{ normalized_email('email', 'google') }}
    Sources:   developers.google.com/data-manager/api/devguides/concepts/formatting ("Format user data");
               developers.facebook.com/documentation/ads-commerce/marketing-api/audiences/guides/custom-audiences ("Hashing and
               normalization").
    Errors:    another rule stops the parse.
#}
{% macro normalized_email(expression, rule='plain') -%}
    {%- if rule not in ['plain', 'google'] -%}
        {{ exceptions.raise_compiler_error("normalized_email: `rule` must be plain or google, got " ~ tojson(rule) ~ ".") }}
    {%- endif -%}
    {{ return(adapter.dispatch('normalized_email', 'segmentation')(expression, rule)) }}
{%- endmacro %}

{% macro default__normalized_email(expression, rule) -%}{{ segmentation._not_written('normalized_email') }}{%- endmacro %}

{% macro duckdb__normalized_email(expression, rule) -%}
    {%- set blank = '[\\s\\pZ\\p{Cc}\\p{Cf}]+' -%}
    {%- if rule == 'plain' -%}
        {{ segmentation.lower_address(
            "regexp_replace(" ~ expression ~ ", '^" ~ blank ~ "|" ~ blank ~ "$', '', 'g')"
        ) }}
    {%- else -%}
        {%- set cut = segmentation.lower_address("regexp_replace(" ~ expression ~ ", '" ~ blank ~ "', '', 'g')") -%}
        {#- Something must be left of the part before the @, or strangers would share what is left. -#}
        case
            when regexp_matches({{ cut }}, '^[.]*[^@+.][^@]*@(gmail|googlemail)\.com$')
                then
                    replace(split_part(split_part({{ cut }}, '@', 1), '+', 1), '.', '')
                    || '@' || split_part({{ cut }}, '@', 2)
            else {{ cut }}
        end
    {%- endif -%}
{%- endmacro %}

{% macro spark__normalized_email(expression, rule) -%}
    {%- set blank = '[\\s\\p{Z}\\p{Cc}\\p{Cf}]+' -%}
    {%- if rule == 'plain' -%}
        {{ segmentation.lower_address(
            "regexp_replace(" ~ expression ~ ", " ~ segmentation.text_literal("^" ~ blank ~ "|" ~ blank ~ "\\z") ~ ", '')"
        ) }}
    {%- else -%}
        {%- set cut = segmentation.lower_address("regexp_replace(" ~ expression ~ ", " ~ segmentation.text_literal(blank) ~ ", '')") -%}
        case
            when {{ cut }} rlike {{ segmentation.text_literal('^[.]*[^@+.][^@]*@(gmail|googlemail)[.]com\\z') }}
                then
                    replace(split_part(split_part({{ cut }}, '@', 1), '+', 1), '.', '')
                    || '@' || split_part({{ cut }}, '@', 2)
            else {{ cut }}
        end
    {%- endif -%}
{%- endmacro %}

{#
    An id, or NULL for a text that programs write where they have none (the variable `placeholder_ids`, in any case): one such
    "id" would gather the activity of strangers.

    Arguments: expression (SQL, text that is trimmed, see trimmed_text()).
    Call:      {{ real_id('text_of_user_id') }}
    Renders:   case when … lower(text_of_user_id) in ('undefined', 'null', …) then null else text_of_user_id end
#}
{% macro real_id(expression) -%}
    {%- set listed = segmentation.setting('placeholder_ids') -%}
    {%- set texts = [] -%}
    {%- for id in listed -%}{%- do texts.append('null' if id is none else (id | string | trim | lower)) -%}{%- endfor -%}
    {%- if texts -%}
    {#- The length first: it is cheaper than the look into the list, which most ids then are spared. -#}
    case
        when length({{ expression }}) in ({{ texts | map('length') | unique | sort | join(', ') }}) and lower({{ expression }}) in ({{ segmentation.text_literals(texts) }})
            then null
        else {{ expression }}
    end
    {%- else -%}
    {{ expression }}
    {%- endif -%}
{%- endmacro %}

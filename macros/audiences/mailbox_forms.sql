{#
    All the texts by which a destination, or a list of suppressions, may know the mailbox of an address, each as SQL (NULL where there is
    none): the address itself, Google's form, and for gmail.com and googlemail.com both domains, with and without the dots and the +suffix.

    Arguments: email (SQL, an address in the form of normalized_email()).
    Call:      {% for form in mailbox_forms('email') %} select {{ sha256_hex(form) }} …
#}
{% macro mailbox_forms(email) %}
    {% set forms = [email, segmentation.normalized_email(email, 'google')] %}
    {% set name = "split_part(" ~ email ~ ", '@', 1)" %}
    {% set without_suffix = "split_part(" ~ name ~ ", '+', 1)" %}
    {% for domain in ['gmail.com', 'googlemail.com'] %}
        {% for part in [name, without_suffix, "replace(" ~ name ~ ", '.', '')", "replace(" ~ without_suffix ~ ", '.', '')"] %}
            {% do forms.append(
                "case when " ~ segmentation.matches(email, '^[.]*[^@+.][^@]*@(gmail|googlemail)[.]com$') ~ " then " ~ part ~ " || '@"
                ~ domain ~ "' end"
            ) %}
        {% endfor %}
    {% endfor %}
    {{ return(forms) }}
{% endmacro %}

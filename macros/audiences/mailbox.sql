{#
    SQL of the mailbox that an address belongs to: Google's form of it, with gmail.com for googlemail.com, which are one. For comparing, never for
    sending: Google hashes the domain as it is.

    Arguments: email (SQL, text).
    Call:      {{ mailbox('email') }}
    Source:    support.google.com/mail/answer/10313.
#}
{% macro mailbox(email) -%}
    regexp_replace({{ segmentation.normalized_email(email, 'google') }}, '@googlemail[.]com$', '@gmail.com')
{%- endmacro %}

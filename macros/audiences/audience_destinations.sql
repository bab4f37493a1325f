{#
    Where audiences can go: destination -> {key -> what its files hold}. The first key is the default.

    | files hold | a column of stg_users__addresses |
    |---|---|
    | user_id | the id of the user |
    | email | the address, trimmed and in lower case |
    | email_sha256 | SHA-256 of that |
    | google_email_sha256 | SHA-256 of the address by Google's rule |

    scripts/delivering/formats.py has the file format of each; a new destination is one entry here and one there.

    Call: {{ audience_destinations()['braze'] }}
#}
{% macro audience_destinations() %}
    {{ return({
        'google_customer_match': {'email': 'google_email_sha256'},
        'meta_custom_audience': {'email': 'email_sha256'},
        'hubspot': {'email': 'email'},
        'mailchimp': {'email': 'email'},
        'customer_io': {'user_id': 'user_id', 'email': 'email'},
        'braze': {'user_id': 'user_id'},
        'intercom': {'user_id': 'user_id', 'email': 'email'},
    }) }}
{% endmacro %}

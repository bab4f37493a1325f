{#
    What loaders call a property of HubSpot: property_email with Fivetran, properties_email or `email` in `properties` with Airbyte.

    Arguments: property.
    Call:      'email': hubspot_names('email')
#}
{% macro hubspot_names(property) %}
    {{ return(['property_' ~ property, 'properties_' ~ property, property]) }}
{% endmacro %}

{#
    The tools that there are connectors for, one entry each, each in a macro of its own.
      label    the tool's name
      gives    input -> the tables that it is read from; the input is there if one of them is
      asked    inputs of `gives` that only a table that is named gives, and none that is found by its name
      options  option -> what it is, beside those that every tool has (see connector_setting())
      tables   table -> how it is found and read:
        names    what loaders and exports call it. Letter case, blanks, `_` and `-` make no difference
        within   columns that hold a JSON object with further columns
        shapes   loader -> the columns that decide: all of them are there. Tables that look alike do not have shapes
        needs    columns without which the table cannot be read; each is a list of names of which one is enough

    Returns: dict of tool -> entry.
    Call:    {% for tool, entry in connector_tools().items() %}
#}
{% macro connector_tools() %}
    {{ return({
        'salesforce': segmentation_connectors._salesforce(),
        'hubspot': segmentation_connectors._hubspot(),
        'stripe': segmentation_connectors._stripe(),
        'segment': segmentation_connectors._segment(),
        'mixpanel': segmentation_connectors._mixpanel(),
        'amplitude': segmentation_connectors._amplitude(),
        'qualtrics': segmentation_connectors._qualtrics(),
        'surveymonkey': segmentation_connectors._surveymonkey(),
        'zendesk': segmentation_connectors._zendesk(),
    }) }}
{% endmacro %}

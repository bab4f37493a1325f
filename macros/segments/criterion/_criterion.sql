{#
    What every criterion macro is made of. A criterion is a mapping:
      is_criterion  true: marks it as one
      sql           a boolean expression over the columns of user_features and of the measures; may be NULL
      text          the same in words
      measures      name -> a column that the segment computes before it evaluates any criterion (see below)
      segments      names of segments whose membership the expression uses (column in_<segment>)
      accounts      name -> {criterion, …}: columns computed over the users of an account
    Plain SQL given by a person becomes one too. The names of measures contain a hash of what they compute, so that two
    criteria that count the same share one column.

    A measure is a mapping:
      kind       'activity': an aggregate over rows of activity known on the date
                 'rank':     the share of users of the date, from the top, that a value closes (cume_dist, descending)
                 'sequence', 'history', 'list': a table of their own, see segment()
      sql        the aggregate or window function
      reads      'days' (the rollup user_event_days) or 'events' (single events, for properties)
      events     names to which the rows are limited
      days       how far back it looks, none = all history
      signup     whether it needs signup_date
      default    what a user without any row has: 0 for counts, NULL for dates
#}
{% macro _criterion(sql, text, measures={}, segments=[], accounts={}) %}
    {{ return({
        'is_criterion': true, 'sql': sql, 'text': text, 'measures': measures, 'segments': segments, 'accounts': accounts,
    }) }}
{% endmacro %}

{# A criterion as it is, and a text as a criterion in plain SQL. #}
{% macro _as_criterion(value) %}
    {% if value is mapping and value.get('is_criterion') %}{{ return(value) }}{% endif %}
    {% set sql = value | string %}
    {{ return(segmentation._criterion('(' ~ sql.strip() ~ ')', modules.re.sub('[ \n]+', ' ', sql).strip())) }}
{% endmacro %}

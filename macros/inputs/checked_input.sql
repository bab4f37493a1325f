{#
    Every row of an input, typed, with the reason why it cannot be used (or NULL). Nothing is dropped here but the rows of
    persons who were forgotten (docs/privacy.md).

    Besides the contract's columns each row has
      row_key             the key in text form
      reject_reason       unreadable_time, missing_key, placeholder_id, missing_value, unreadable_value, out_of_range, one of
                          `reasons`, conflicting_duplicate, or NULL: usable
      is_duplicate        a copy of another row with this key, or an older version of the one that is used: not used, not rejected
      is_local_time       a time without an offset was read in the input's source time zone
      unreadable_columns  optional values that are of no use: the row is used, the value is NULL (a label in the key is kept)
      unreadable_reasons  why, in the same order: unreadable, out_of_range, unknown_label or placeholder_id
      raw_row             the row as it came, as JSON; NULL where it is used and readable throughout

    Text is trimmed (see trimmed_text()) and empty text becomes NULL; so do placeholders in columns of ids, and values that the
    contract's ranges and labels leave out. Of several rows with one key one is used, the same one whatever the order of
    the file: the newest (newest_by) or the first that came (first_by); of those the content that came most often; of those the
    first by content. Every other content is one conflict, and its further copies are duplicates.

    Arguments: name (an input of input_contract()); reasons (dict: reason -> SQL condition over the typed columns, which
    may compare with `text_of_<column>`, the untyped text); defaults (dict: column -> SQL for where it is empty).
    Call:      {{ checked_input('invoices', reasons={'unknown_currency': "currency not in ('USD')"}) }}
#}
{% macro checked_input(name, reasons={}, defaults={}) -%}
{%- set entry = segmentation.input_contract(name) -%}
{%- set rules = segmentation._input_rules(name, entry) -%}
with
source_rows as (
    {{ segmentation.with_missing_columns(segmentation.input(name), segmentation.missing_columns(name)) }}
),

{{ segmentation._typed_rows(entry, rules) }},

judged as (
    select
        *,
        {{ segmentation._own_reason(entry, rules, reasons) }} as own_reason,
        {{ segmentation.fingerprint(rules.content, rules.texts) }} as content_hash
    from {{ 'legal' if rules.ruled else 'typed' }}
),

{{ segmentation._numbered_versions(entry, rules, defaults) }},

{{ segmentation._checked_rows(entry, rules, defaults) }}

select * from checked
{%- endmacro %}

{#
    What checked_input() derives from an entry of the contract, as a mapping:
      timezone  the time zone of times without an offset
      subject   whose rows they are, as SQL (see input_subject()), or none
      ids       columns that hold ids
      required  columns that must not be empty, those of the key first
      times     columns that hold times or dates
      ruled     columns with a range or labels
      content   columns in which two versions of a row may differ
      texts     those of them that are texts
      listed    columns that unreadable_columns can name
#}
{% macro _input_rules(name, entry) %}
    {% set required = entry.key + entry.get('required', []) %}
    {% set ids = segmentation.id_columns(name) %}
    {% set ranges = entry.get('ranges', {}) %}
    {% set labels = entry.get('labels', {}) %}
    {% set times, values, ruled, content = [], [], [], [] %}
    {#- A day in a trait of the project's own is a value like any other: nobody is left out for it. -#}
    {% set own = segmentation.traits() | selectattr('in', 'equalto', name) | map(attribute='name') | list %}
    {% for column, type in entry.columns.items() %}
        {% if type in ('time', 'date') and column not in own %}{% do times.append(column) %}{% endif %}
        {% if type in ('integer', 'money', 'double', 'boolean', 'json') or column in ids or column in labels
            or (type == 'date' and column in own) %}
            {% do values.append(column) %}
        {% endif %}
        {% if column in ranges or column in labels %}{% do ruled.append(column) %}{% endif %}
        {% if column not in entry.get('arrival', []) %}{% do content.append(column) %}{% endif %}
    {% endfor %}
    {{ return({
        'timezone': segmentation.setting('source_timezones').get(name, 'UTC'), 'subject': segmentation.input_subject(name), 'ids': ids,
        'required': required, 'times': times, 'ruled': ruled, 'content': content,
        'texts': segmentation.text_columns(name) | select('in', content) | list,
        'listed': values | reject('in', required) | list + entry.key | select('in', labels) | list,
    }) }}
{% endmacro %}

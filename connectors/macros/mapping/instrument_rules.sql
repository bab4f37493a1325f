{#
    What the option `instruments` of a survey tool says of questions, as a relation: a row per question and value, without rows if it says
    nothing.

        instruments: {QID1: nps, SV_2/QID4: {instrument: attribute, question: lifestyle}, QID7: {instrument: csat, values: {Happy: 5}}}

    Columns: question_key (in lower case), instrument, question, label (in lower case), score. Rows without a label hold for every answer.

    Arguments: tool.
    Call:      select * from ({{ instrument_rules('qualtrics') }})
    Errors:    an instrument that the input does not have stops the parse.
#}
{% macro instrument_rules(tool) -%}
    {%- set setting = segmentation_connectors.connector_setting(tool) or {'options': {}} -%}
    {%- set rows = [] -%}
    {%- set known = segmentation.input_contract('survey_responses').labels.instrument -%}
    {%- for key, rule in (setting.options.get('instruments') or {}).items() -%}
        {%- set rule = {'instrument': rule} if rule is string else rule -%}
        {%- if rule.instrument not in known -%}
            {{ exceptions.raise_compiler_error('connectors: ' ~ tool ~ ': instruments: ' ~ key ~ ': unknown instrument `'
                ~ rule.instrument ~ '`; instruments are ' ~ known | join(', ') ~ '.') }}
        {%- endif -%}
        {%- for label, score in [(none, none)] + (rule.get('values', {}).items() | list) -%}
            {%- set parts = [] -%}
            {%- for text in (key | string | lower, rule.instrument, rule.get('question'), label | string | lower if label is not none else none,
                score | string if score is not none else none) -%}
                {%- do parts.append(segmentation.text_or_null(text)) -%}
            {%- endfor -%}
            {%- do rows.append('(' ~ parts | join(', ') ~ ')') -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set none_of_it = '(' ~ (['cast(null as varchar)'] * 5) | join(', ') ~ ')' -%}
    select * from (values {{ (rows or [none_of_it]) | join(', ') }}) as rules (question_key, instrument, question, label, score)
    where question_key is not null
{%- endmacro %}

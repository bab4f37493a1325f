{#
    A feature family: an incremental table at (user_id, as_of_date) around the SELECT that computes it.

    The SELECT reads the CTE `spine`: the users and dates that have to be built, with user_id, account_id, as_of_date,
    signup_date and tenure_days. It must return one row for each of them (or, with sparse=true, any rows of these dates).
    The macro adds
      input_hash  hash of the inputs that the row rests on
      logic_hash  md5 of the family's SQL, see logic_hash()
    A stored row is rebuilt when either differs from what is there now, so the result is that of a full refresh, also
    after late rows, corrections, a changed macro or variable, or a build that was killed.

    Arguments: rows (SQL, one SELECT, in a `set` block: dbt does not see the macros in the body of a `call` block, and
                 `state:modified` would miss a change in one of them)
               reads (list), what the row rests on:
                 crm        users, accounts, their history, technologies, stages, subscriptions (a hash per user)
                 activity, voice (surveys, notes, tickets), invoices, campaigns (messages), spend (on marketing),
                 population, reference (a hash per date)
               upstream (list of family models that the SELECT reads; a change in them rebuilds the date)
               sparse (a family with no row where nothing happened; then only hashes per date are allowed)
    Call:      {% set rows %} select spine.user_id, spine.as_of_date, … {% endset %}
               {{ feature_rows(rows, reads=['crm']) }}
    Errors:    an unknown entry in reads, or sparse with crm, stops the parse.
#}
{% macro feature_rows(rows, reads, upstream=[], sparse=false) -%}
{%- set kinds = ['crm', 'activity', 'voice', 'invoices', 'campaigns', 'spend', 'population', 'reference'] -%}
{%- for kind in reads if kind not in kinds -%}
    {{ exceptions.raise_compiler_error(
        "feature_rows: unknown entry '" ~ kind ~ "' in `reads`; expected one of " ~ kinds | join(', ') ~ "."
    ) }}
{%- endfor -%}
{%- if sparse and 'crm' in reads -%}
    {{ exceptions.raise_compiler_error("feature_rows: a sparse family cannot read `crm`: a missing row does not carry a hash.") }}
{%- endif -%}
{%- set date_reads = reads | reject('eq', 'crm') | list -%}
{%- set logic_hash = segmentation.logic_hash(rows) -%}
with
{%- for model in upstream %}
{{ model }}_hashes as (
    select
        as_of_date,
        {{ segmentation.fingerprint_sum(segmentation.fingerprint(['user_id', 'logic_hash', 'input_hash'])) }} as date_hash
    from {{ ref(model) }}
    group by as_of_date
),
{%- endfor %}
{%- if date_reads or upstream %}

-- Hashed once per date, not once per user.
date_hashes as (
    select
        date_input_hashes.as_of_date,
        {{ segmentation.date_fingerprint(date_reads, upstream) }} as date_hash
    from {{ ref('date_input_hashes') }} as date_input_hashes
    {%- for model in upstream %}
    -- A date on which a sparse family has no row is a date all the same.
    left join {{ model }}_hashes on date_input_hashes.as_of_date = {{ model }}_hashes.as_of_date
    {%- endfor %}
),
{%- endif %}

population as (
    select
        user_dates.*,
        {%- if 'crm' in reads and (date_reads or upstream) %}
        {{ segmentation.fingerprint(['user_input_hashes.crm_hash', 'date_hashes.date_hash']) }} as input_hash
        {%- elif 'crm' in reads %}
        user_input_hashes.crm_hash as input_hash
        {%- else %}
        date_hashes.date_hash as input_hash
        {%- endif %}
    from {{ ref('user_dates') }} as user_dates
    {%- if 'crm' in reads %}
    inner join {{ ref('user_input_hashes') }} as user_input_hashes on user_dates.user_id = user_input_hashes.user_id
    {%- endif %}
    {%- if date_reads or upstream %}
    inner join date_hashes on user_dates.as_of_date = date_hashes.as_of_date
    {%- endif %}
),

{%- if is_incremental() %}
built as (
    select distinct
        {{ 'as_of_date' if sparse else 'user_id, as_of_date' }},
        input_hash
    from {{ this }}
    where logic_hash = '{{ logic_hash }}'
),
{%- endif %}
spine as (
    select population.*
    from population
    {%- if is_incremental() %}
    left join built
        on
            population.as_of_date = built.as_of_date
            {%- if not sparse %}
            and population.user_id = built.user_id
            {%- endif %}
            and population.input_hash = built.input_hash
    where built.as_of_date is null
    {%- endif %}
),

features as (
    {{ rows }}
),

stamped as (
    select
        features.*,
        spine.input_hash,
        '{{ logic_hash }}' as logic_hash
    from features
    inner join spine
        on
            features.user_id = spine.user_id
            and features.as_of_date = spine.as_of_date
)

select * from stamped
{%- endmacro %}

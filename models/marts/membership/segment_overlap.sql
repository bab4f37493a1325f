{%- set bits_per_word = 62 -%}
-- Users are numbered, and each segment becomes a row of bits, 62 users to a BIGINT: the users of a pair are the bits
-- set in both. A self-join of the members gives the same and takes several times as long.
with
data_through as (
    select * from {{ ref('data_through') }}
),

members as (
    select
        user_segments.user_id,
        user_segments.segment
    from {{ ref('user_segments') }} as user_segments
    where {{ segmentation.at_newest_date() }}
),

segments as (
    select segment from {{ ref('segments') }}
    where retired_on is null or retired_on >= data_through
),

population as (
    select
        user_dates.user_id,
        row_number() over (order by user_dates.user_id) as user_number
    from {{ ref('user_dates') }} as user_dates
    where {{ segmentation.at_newest_date() }}
),

population_size as (
    select cast(count(*) as bigint) as users from population
),

positions as (
    select
        members.segment,
        cast(floor(population.user_number / {{ bits_per_word }}e0) as bigint) as word_number,
        cast(power(2, population.user_number % {{ bits_per_word }}) as bigint) as user_bit
    from members
    inner join population on members.user_id = population.user_id
),

words as (
    select
        segment,
        word_number,
        cast(sum(user_bit) as bigint) as user_bits
    from positions
    group by segment, word_number
),

-- Of each pair one half only, and each segment with itself.
pair_counts as (
    select
        words.segment,
        other_words.segment as other_segment,
        cast(sum({{ segmentation.shared_bits('words.user_bits', 'other_words.user_bits') }}) as bigint) as users
    from words
    inner join words as other_words
        on
            words.word_number = other_words.word_number
            and words.segment <= other_words.segment
    group by words.segment, other_words.segment
),

sizes as (
    select
        segments.segment,
        coalesce(pair_counts.users, 0) as users
    from segments
    left join pair_counts
        on
            segments.segment = pair_counts.segment
            and segments.segment = pair_counts.other_segment
),

pairs as (
    select
        sizes.segment,
        other_sizes.segment as other_segment,
        sizes.users,
        other_sizes.users as other_users,
        coalesce(pair_counts.users, 0) as users_in_both,
        population_size.users as population_users,
        -- Nobody is expected where there is nobody.
        coalesce(
            sizes.users * cast(other_sizes.users as double) / nullif(population_size.users, 0), 0e0
        ) as expected_users
    from sizes
    inner join sizes as other_sizes on sizes.segment != other_sizes.segment
    cross join population_size
    left join pair_counts
        on
            least(sizes.segment, other_sizes.segment) = pair_counts.segment
            and greatest(sizes.segment, other_sizes.segment) = pair_counts.other_segment
),

measured_pairs as (
    select
        pairs.segment,
        pairs.other_segment,
        pairs.users,
        pairs.other_users,
        pairs.users_in_both,
        pairs.population_users,
        pairs.users_in_both
        / cast(nullif(pairs.users + pairs.other_users - pairs.users_in_both, 0) as double) as jaccard,
        pairs.users_in_both / cast(nullif(pairs.users, 0) as double) as containment,
        pairs.users_in_both / cast(nullif(pairs.other_users, 0) as double) as other_containment,
        pairs.expected_users,
        pairs.users_in_both / nullif(pairs.expected_users, 0e0) as lift,
        data_through.data_through as as_of_date,
        data_through.data_through
    from pairs
    cross join data_through
)

select * from measured_pairs

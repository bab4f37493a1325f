{#
    CTEs from `base_accounts` to `item_counts`: one row per segment and item with what compared_shares() compares, also where nobody
    is in the segment or did it. Sums over accounts come with the counts, because users of one account are alike.

    In scope are the CTEs
      segments    segment
      items       base, item: what can be done, and among whom it is counted
      base_users  base, user_id, account_key: among whom
      members     segment, user_id
      doers       base, item, user_id, account_key, did: at most one row per user and item; did is 0 or 1

    Call:      {{ counted_shares() }},
#}
{% macro counted_shares() -%}
base_accounts as (
    select
        base,
        account_key,
        cast(count(*) as double) as users
    from base_users
    group by base, account_key
),

account_doers as (
    select
        base,
        item,
        account_key,
        cast(sum(did) as double) as doers
    from doers
    group by base, item, account_key
),

base_members as (
    select
        base_users.base,
        base_users.user_id,
        base_users.account_key,
        members.segment
    from members
    inner join base_users on members.user_id = base_users.user_id
),

member_accounts as (
    select
        base_members.base,
        base_members.segment,
        base_members.account_key,
        cast(count(*) as double) as members,
        max(base_accounts.users) as users
    from base_members
    inner join base_accounts
        on
            base_members.base = base_accounts.base
            and base_members.account_key = base_accounts.account_key
    group by base_members.base, base_members.segment, base_members.account_key
),

member_account_doers as (
    select
        base_members.base,
        base_members.segment,
        doers.item,
        base_members.account_key,
        cast(sum(doers.did) as double) as doers
    from base_members
    inner join doers
        on
            base_members.base = doers.base
            and base_members.user_id = doers.user_id
    group by base_members.base, base_members.segment, doers.item, base_members.account_key
),

account_products as (
    select
        member_accounts.base,
        member_accounts.segment,
        account_doers.item,
        cast(sum(member_account_doers.doers) as bigint) as successes,
        sum(member_account_doers.doers * member_account_doers.doers) as squares,
        sum(member_account_doers.doers * member_accounts.members) as by_members,
        sum(member_account_doers.doers * member_accounts.users) as by_users,
        sum(member_account_doers.doers * account_doers.doers) as by_all,
        sum(account_doers.doers * member_accounts.members) as all_by_members
    from member_accounts
    inner join account_doers
        on
            member_accounts.base = account_doers.base
            and member_accounts.account_key = account_doers.account_key
    left join member_account_doers
        on
            member_accounts.base = member_account_doers.base
            and member_accounts.segment = member_account_doers.segment
            and member_accounts.account_key = member_account_doers.account_key
            and account_doers.item = member_account_doers.item
    group by member_accounts.base, member_accounts.segment, account_doers.item
),

{{ segmentation._counted_items() }}
{%- endmacro %}

{# Its last CTEs: sizes of base and segment, and the rows. #}
{% macro _counted_items() -%}
base_products as (
    select
        account_doers.base,
        account_doers.item,
        cast(sum(account_doers.doers) as bigint) as successes,
        sum(account_doers.doers * account_doers.doers) as squares,
        sum(account_doers.doers * base_accounts.users) as by_users
    from account_doers
    inner join base_accounts
        on
            account_doers.base = base_accounts.base
            and account_doers.account_key = base_accounts.account_key
    group by account_doers.base, account_doers.item
),

member_sizes as (
    select
        base,
        segment,
        cast(sum(members) as bigint) as n,
        count(*) as accounts,
        count(case when members = users then 1 end) as whole_accounts,
        sum(members * members) as squares,
        sum(members * users) as products
    from member_accounts
    group by base, segment
),

base_sizes as (
    select
        base,
        cast(sum(users) as bigint) as n,
        count(*) as accounts,
        sum(users * users) as squares
    from base_accounts
    group by base
),

item_counts as (
    select
        segments.segment,
        items.base,
        items.item,
        coalesce(member_sizes.n, 0) as n,
        coalesce(base_sizes.n, 0) - coalesce(member_sizes.n, 0) as baseline_n,
        coalesce(base_sizes.n, 0) as population_n,
        coalesce(account_products.successes, 0) as successes,
        coalesce(base_products.successes, 0) - coalesce(account_products.successes, 0) as baseline_successes,
        coalesce(base_products.successes, 0) as population_successes,
        coalesce(member_sizes.accounts, 0) as accounts,
        coalesce(base_sizes.accounts, 0) - coalesce(member_sizes.whole_accounts, 0) as baseline_accounts,
        coalesce(member_sizes.squares, 0e0) as squares,
        coalesce(member_sizes.products, 0e0) as products,
        coalesce(base_sizes.squares, 0e0) as population_squares,
        coalesce(account_products.squares, 0e0) as success_squares,
        coalesce(account_products.by_members, 0e0) as success_products,
        coalesce(account_products.by_users, 0e0) as success_by_users,
        coalesce(account_products.by_all, 0e0) as success_by_all,
        coalesce(account_products.all_by_members, 0e0) as all_success_by_members,
        coalesce(base_products.squares, 0e0) as all_success_squares,
        coalesce(base_products.by_users, 0e0) as all_success_by_users
    from segments
    cross join items
    left join base_sizes on items.base = base_sizes.base
    left join member_sizes
        on
            segments.segment = member_sizes.segment
            and items.base = member_sizes.base
    left join base_products
        on
            items.base = base_products.base
            and items.item = base_products.item
    left join account_products
        on
            segments.segment = account_products.segment
            and items.base = account_products.base
            and items.item = account_products.item
)
{%- endmacro %}

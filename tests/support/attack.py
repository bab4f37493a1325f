"""An attack on the published aggregates: what one reader learns of few people, or of one, from one file or from two.

The reader knows the rules: the grid on which a number is published, and the cap of each metric. Nothing of scripts/publishing is
used. A number that is not on its grid is taken to be exact. The truth (the warehouse) says how much there was to learn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

# Metrics whose values are whole numbers, so that sums of them count: the largest value by definition, None if there is none.
WHOLE = {
    "active_days_7d": 7,
    "active_days_28d": 28,
    "active_days_91d": 91,
    "days_to_first_use": 28,
    "distinct_features_28d": None,
    "sessions_28d": None,
    "events_28d": None,
    "tickets_91d": None,
    "csat_score": None,
}

MACROS = """
    create macro grid(x) as case when x > 0 then pow(10, floor(log10(x))) * case
        when x <= pow(10, floor(log10(x))) * (1 + 1e-9) then 1 when x <= pow(10, floor(log10(x))) * (2 + 1e-9) then 2
        when x <= pow(10, floor(log10(x))) * (5 + 1e-9) then 5 else 10 end else 0 end;
    -- A ratio is capped as one: above either cap somebody counts for less, and says the same.
    create macro shrink(x, w, top, weight_top) as least(
        case when x > top and top > 0 then top / x else 1 end, case when w > weight_top and weight_top > 0 then weight_top / w else 1 end
    );
    create macro held(x, w, top, weight_top, kind) as case when kind = 'ratio' then x * shrink(x, w, top, weight_top) else least(x, top) end;
    create macro held_divisor(x, w, top, weight_top, kind) as case when kind = 'ratio' then w * shrink(x, w, top, weight_top) else w end;
    create macro error_of(deviation, n, mean) as deviation / sqrt(n) / mean;
    create macro is_on_grid(x, g) as g > 0 and abs(x / g - round(x / g)) < 1e-6;
    -- How wide the interval is in which the true number lies.
    create macro width(x, g) as case when is_on_grid(x, g) then g else 0 end;
    -- What is divided by, where it is rounded too.
    create macro rounded(w, g) as case when g > 0 then round(round(w / g, 6)) * g else w end;
"""


@dataclass
class Findings:
    """What the attack tried, what it found, and where it was led astray: what it concludes is not so. Then it proves nothing."""

    tried: dict[str, int] = field(default_factory=dict)
    solved: list[tuple[Any, ...]] = field(default_factory=list)
    astray: list[tuple[Any, ...]] = field(default_factory=list)


def window_of(feature: str) -> int:
    """Days that a feature looks back over, from its name."""
    window = re.search(r"(previous)?_(\d+)d(_ago)?$", feature)
    if feature in ("health_score", "usage_change_28d"):
        return 56
    return int(window[2]) * (2 if window[1] else 1) if window else 0


def attach(connection: duckdb.DuckDBPyConnection, warehouse: Path, files: dict[str, Path], after: Path | None = None) -> None:
    """Attaches the files, and makes the tables `truth` (a user's values and weights), `units` (caps by metric and date) and
    `divisors`; of `after`, the warehouse without the person, `truth_after` and so on.
    """
    connection.execute(MACROS)
    for name, path in files.items():
        connection.execute(f"attach '{path}' as {name} (read_only)")
    for name, suffix, path in (("warehouse", "", warehouse), ("warehouse_after", "_after", after)):
        if path is None:
            continue
        connection.execute(f"attach '{path}' as {name} (read_only)")
        connection.execute(
            f"create table truth{suffix} (user_id varchar, metric varchar, kind varchar, is_heavy boolean, as_of_date date, x double, w double)"
        )
        connection.execute(
            f"""
            create table paired{suffix} (user_id varchar, metric varchar, kind varchar, as_of_date date, x double, w double);
            create table frozen{suffix} as
            with days as (
                select as_of_date, lag(as_of_date) over (order by as_of_date) as previous from (select distinct as_of_date from {name}.features.user_features)
            ),
            divided as (
                select now.*, past.tenure_days as tenure_before,
                    case when now.account_id = past.account_id then past.account_users else now.account_users end as users_before
                from {name}.features.user_features as now inner join days using (as_of_date)
                inner join {name}.features.user_features as past on past.user_id = now.user_id and past.as_of_date = days.previous
            )
            select * replace (
                users_before as account_users, coalesce(revenue_91d * account_users / users_before, revenue_91d) as revenue_91d,
                coalesce(lifetime_revenue * account_users / users_before, lifetime_revenue) as lifetime_revenue
            ) from divided
            """
        )
        for metric, kind, definition, heavy in connection.execute(
            f"select metric, kind, definition, is_heavy_tailed from {name}.marts.metrics"
        ).fetchall():
            value, weight = definition[4:-1], "1"
            if kind == "ratio":
                value, weight = definition[4:-1].split(") / sum(")
            connection.execute(
                f"""
                insert into truth{suffix}
                select user_id, '{metric}', '{kind}', {heavy}, as_of_date, x, w
                from (select user_id, as_of_date, cast({value} as double) as x, cast({weight} as double) as w from {name}.features.user_features)
                where x is not null and w is not null
                """
            )
            # Of who was there on the date before, too: what an account has is divided as it was, and who is younger than the
            # metric's window is left out.
            words = re.findall("[a-z_][a-z0-9_]*", re.sub("'[^']*'", "", f"{value} {weight}"))
            longest = max([window_of(word) for word in words] or [0])
            connection.execute(
                f"""
                insert into paired{suffix}
                select user_id, '{metric}', '{kind}', as_of_date, cast({value} as double) as x, cast({weight} as double) as w
                from frozen{suffix} where x is not null and w is not null and coalesce(tenure_before >= {longest - 1}, true)
                """
            )
        make_units(connection, name, suffix)


def make_units(connection: duckdb.DuckDBPyConnection, warehouse: str, suffix: str) -> None:
    """The caps, and the divisors of ratios.

    `cap` is the one of the grids; `top` and `weight_top` are those of the means, infinite where nothing is capped.
    """
    connection.execute(
        f"""
        create table units{suffix} as
        select
            metric, as_of_date, any_value(kind) as kind,
            coalesce(case when any_value(is_heavy) and quantile_disc(x, .99) > min(x) then nullif(quantile_disc(abs(x), .99), 0) end, max(abs(x))) as cap,
            case when any_value(is_heavy) then coalesce(nullif(quantile_disc(x, .99), min(x)), double 'Infinity') else 'Infinity' end as top,
            case when any_value(is_heavy) then coalesce(nullif(quantile_disc(w, .99), min(w)), double 'Infinity') else 'Infinity' end as weight_top,
            -- Divisors of ratios are rounded, too.
            case when any_value(kind) <> 'ratio' then 0 when any_value(is_heavy) and quantile_disc(w, .99) > min(w)
                then grid(quantile_disc(w, .99)) else grid(max(w)) end as step,
            max(abs(x)) as most, min(abs(x)) filter (x <> 0) as least,
            -- What everybody knows: counts and amounts are not negative, and a scale has a lowest step.
            case any_value(kind) when 'nps' then -max(abs(x)) when 'ordinal' then min(x) else least(min(x), 0) end as bottom
        from truth{suffix} group by metric, as_of_date;
        create table grids{suffix} as
        select metric, as_of_date, unnest([false, true]) as is_paired, unnest([cap, greatest(cap, lag(cap) over past)]) as cap,
            unnest([least, greatest(least, lag(least) over past)]) as least, unnest([step, greatest(step, lag(step) over past)]) as step
        from units{suffix} window past as (partition by metric order by as_of_date);
        create table divisors{suffix} as
        with ratios as (select truth.*, top, weight_top from truth{suffix} as truth inner join units{suffix} using (metric, as_of_date) where truth.kind = 'ratio'),
        days as (
            select as_of_date, lag(as_of_date) over (order by as_of_date) as previous_as_of_date from (select distinct as_of_date from truth{suffix})
        ),
        members as (
            select segment as who, user_id, as_of_date from {warehouse}.marts.user_segments
            union all select '__all__', user_id, as_of_date from {warehouse}.features.user_features
        ),
        own as (
            select who, 'members' as part, metric, as_of_date, count(*) as people, sum(w) as w, sum(w * shrink(x, w, top, weight_top)) as v
            from members inner join ratios using (user_id, as_of_date) group by all
        ),
        paired as (
            select who, metric, as_of_date, count(*) as people, sum(now.w) as w, sum(now.w * shrink(now.x, now.w, units.top, units.weight_top)) as v,
                sum(past.w) as w_before, sum(past.w * shrink(past.x, past.w, units.top, units.weight_top)) as v_before
            from members inner join days using (as_of_date) inner join paired{suffix} as now using (user_id, as_of_date)
            inner join units{suffix} as units using (metric, as_of_date)
            inner join ratios as past using (user_id, metric) where past.as_of_date = previous_as_of_date group by all
        )
        from own
        union all by name
        select part.who, 'rest' as part, metric, as_of_date, whole.people - part.people as people, whole.w - part.w as w, whole.v - part.v as v
        from own as part inner join own as whole using (metric, as_of_date) where whole.who = '__all__' and part.who <> '__all__'
        union all by name
        select who, unnest(['both', 'before']) as part, metric, as_of_date, people, unnest([w, w_before]) as w, unnest([v, v_before]) as v from paired
        """
    )


def sides(connection: duckdb.DuckDBPyConnection, file: str, minimum: int, suffix: str = "") -> None:
    """A table `<file>_sides`: what the file says of each group of people, metric and date, on either side of a comparison.

    `suffix`: "_after" if the file was published after the person was forgotten.
    """
    connection.execute(
        f"""
        create or replace table {file}_sides as
        with rows as (select * from {file}.marts.segment_comparison),
        raw as (
            select segment as who, 'members' as part, metric, as_of_date, n, mean, raw_mean, standard_deviation as sd, is_winsorized
            from rows where baseline not in ('previous_period', 'difference_in_differences')
            union
            select case baseline when 'all' then '__all__' else segment end, case baseline when 'all' then 'members' else 'rest' end,
                metric, as_of_date, baseline_n, baseline_mean, baseline_raw_mean, baseline_standard_deviation, is_winsorized
            from rows where baseline in ('all', 'rest')
            union
            select substr(baseline, 9), 'members', metric, as_of_date, baseline_n, baseline_mean, baseline_raw_mean,
                baseline_standard_deviation, is_winsorized
            from rows where baseline like 'segment:%'
            union
            select segment, 'both', metric, as_of_date, n, mean, raw_mean, standard_deviation, is_winsorized
            from rows where baseline = 'previous_period'
            union
            select segment, 'before', metric, as_of_date, baseline_n, baseline_mean, baseline_raw_mean, baseline_standard_deviation,
                is_winsorized
            from rows where baseline = 'previous_period'
        ),
        known as (
            select distinct raw.*, units.cap, units.most, units.kind,
                -- The sum of the divisors of a ratio, before and after the cap; n of anything else.
                case when units.kind = 'ratio' then divisors.w else n end as w,
                case when units.kind = 'ratio' then divisors.v else n end as v,
                grids.step, grid(greatest(2 * grids.cap, case when units.kind in ('binary', 'nps') then 0 else 2 * {minimum} * grids.least end)) as unit,
                grid(grids.cap * grids.cap) as square
            from raw inner join units{suffix} as units using (metric, as_of_date)
            inner join grids{suffix} as grids
                on grids.metric = raw.metric and grids.as_of_date = raw.as_of_date and grids.is_paired = (raw.part in ('both', 'before'))
            left join divisors{suffix} as divisors using (who, part, metric, as_of_date)
            where n is not null and mean is not null
        ),
        judged as (
            select known.*,
                -- Whether the rest is what the means of the segment and of all leave: then it tells nothing more. Of ratios the divisors
                -- are unknown, but what is on no grid and is no such rest is exact.
                known.part = 'rest' and (known.kind = 'ratio' or abs(known.mean * known.n - everybody.mean * everybody.n + own.mean * own.n)
                    < 1e-6 * greatest(1, abs(everybody.mean * everybody.n))) as is_derived
            from known
            left join known as own on known.part = 'rest' and own.part = 'members' and own.who = known.who and own.metric = known.metric
                and own.as_of_date = known.as_of_date
            left join known as everybody on known.part = 'rest' and everybody.part = 'members' and everybody.who = '__all__'
                and everybody.metric = known.metric and everybody.as_of_date = known.as_of_date
        )
        -- Sums, and how wide the interval is in which each lies: of values after the cap, before it, and of squared distances to the mean.
        select * exclude (is_derived),
            case when is_on_grid(mean * rounded(v, step), unit) then mean * rounded(v, step) else mean * v end as total,
            case when is_derived then 'Infinity' else width(mean * rounded(v, step), unit) end as total_width,
            case when is_on_grid(raw_mean * rounded(w, step), unit) then raw_mean * rounded(w, step) else raw_mean * w end as raw_total,
            case when is_derived and not is_winsorized then 'Infinity' else width(raw_mean * rounded(w, step), unit) end as raw_total_width,
            -- A deviation that is NULL beside a mean is one that is next to nothing.
            case when sd is null then square / 4 when is_on_grid((n - 1) * pow(sd * rounded(v, step) / n, 2), square)
                then (n - 1) * pow(sd * rounded(v, step) / n, 2) else (n - 1) * pow(sd * v / n, 2) end as spread,
            case when sd is null then square / 2 else width((n - 1) * pow(sd * rounded(v, step) / n, 2), square) end as spread_width
        from judged
        """
    )


def within(connection: duckdb.DuckDBPyConnection, file: str, minimum: int) -> Findings:
    """What one file tells of fewer than `minimum` people: how many have a value at all, and what one or few of them have."""
    findings = Findings()
    sides(connection, file, minimum)
    listed = ", ".join(f"('{name}', {most if most else 'null'})" for name, most in WHOLE.items())
    # A group's sum of whole numbers, its sum of squares, and from both how many people it is of: (Σx)² / Σx² to Σx.
    rows = connection.execute(
        f"""
        with whole as (select * from (values {listed}) as w (metric, top)),
        sums as (
            select s.*, top, raw_total - raw_total_width / 2 as low, raw_total + raw_total_width / 2 as high,
                case when sd is not null then spread + spread_width / 2 + pow(abs(total) + total_width / 2, 2) / n end as squares
            from {file}_sides as s inner join whole using (metric) where raw_mean is not null and isfinite(raw_total_width)
        ),
        people as (
            select who, part, metric, as_of_date, n, ceil(greatest(low, 0) - 1e-6) as low, floor(high + 1e-6) as high,
                case when not is_winsorized then ceil(pow(greatest(low, 0), 2) / nullif(squares, 0) - 1e-6) end as fewest
            from sums
            union all
            -- The other end: how many lack how much to the most that there can be.
            select who, part || ' from the top', metric, as_of_date, n, ceil(greatest(n * top - high, 0) - 1e-6), floor(n * top - low + 1e-6), null
            from sums where top is not null
        )
        select who, part, metric, as_of_date, n, coalesce(fewest, least(low, 1)) as fewest, high as most, low, high
        from people
        """
    ).fetchall()
    findings.tried["sums of whole numbers"] = len(rows)
    for who, part, metric, day, _, fewest, most, low, high in rows:
        # Known to be fewer than may be shown, and which of fewer than so many numbers. Nobody at all is no single person.
        if 0 < most < minimum and most - max(fewest, 0) + 1 < minimum:
            findings.solved.append(("few people", who, part, metric, day, fewest, most, low == high))
    # Pairs of groups of which one is within the other: the difference is a group too.
    pairs = connection.execute(
        f"""
        with s as (select * from {file}_sides),
        dates as (select distinct as_of_date, previous_as_of_date from {file}.marts.segment_sizes),
        pairs as (
            select big.metric, big.as_of_date, big.who || ' ' || big.part as whole, small.who || ' ' || small.part as piece, big.cap,
                big.n as big_n, small.n as small_n, big.total_width as big_width, small.total_width as small_width
            from s as big inner join s as small using (metric, as_of_date)
            where big.part = 'members' and (
                (big.who = '__all__' and small.part in ('members', 'rest', 'both') and (small.who <> '__all__' or small.part = 'both'))
                or (small.part = 'both' and big.who = small.who)
            )
            union all
            select big.metric, big.as_of_date, big.who || ' members', small.who || ' before', big.cap, big.n, small.n, big.total_width,
                small.total_width
            from s as small inner join dates using (as_of_date)
            inner join s as big on big.metric = small.metric and big.as_of_date = dates.previous_as_of_date
            where small.part = 'before' and big.part = 'members' and big.who = '__all__'
        )
        select *, big_width + small_width as uncertain from pairs
        """
    ).fetchall()
    findings.tried["differences of two groups"] = len(pairs)
    for metric, day, whole, piece, cap, big_n, small_n, _, _, uncertain in pairs:
        if 0 < big_n - small_n < minimum and uncertain < 0.1 * cap:
            findings.solved.append(("difference", metric, day, whole, piece, big_n - small_n))
    # Revenue of fewer payers than may be shown.
    payers = connection.execute(
        f"select segment, revenue_91d from {file}.marts.segment_value where paying_users is null and revenue_91d is not null"
    ).fetchall()
    findings.tried["revenue of segments"] = connection.execute(f"select count(*) from {file}.marts.segment_value").fetchone()[0]
    findings.solved += [("revenue", *row) for row in payers]
    return findings


def unexplained(connection: duckdb.DuckDBPyConnection, file: str) -> list[tuple[Any, ...]]:
    """Intervals and effects of a file that do not follow from its means and deviations: they would tell these once more."""
    return connection.execute(
        f"""
        with rows as (select * from {file}.marts.segment_comparison where standard_deviation is not null and baseline_standard_deviation is not null),
        errors as (
            select *, sqrt(pow(standard_deviation, 2) / n + pow(baseline_standard_deviation, 2) / baseline_n) as error,
                sqrt(((n - 1) * pow(standard_deviation, 2) + (baseline_n - 1) * pow(baseline_standard_deviation, 2)) / (n + baseline_n - 2)) as pooled
            from rows
        ),
        -- Half an interval is so many errors wide, in tenths.
        found as (select *, 10 * (difference_upper - difference) / error as tenths from errors)
        select segment, baseline, metric, as_of_date, difference_lower, difference, difference_upper, lift_lower, lift_upper, effect_size from found
        where abs(difference - mean + baseline_mean) > 1e-9 * greatest(1, abs(mean))
            or (baseline <> 'previous_period' and abs(tenths - round(tenths)) > 1e-3)
            or abs(difference_upper + difference_lower - 2 * difference) > 1e-6 * (difference_upper - difference_lower)
            or (baseline <> 'previous_period' and lift_lower > -1 and abs(ln(1 + lift_upper) - ln(mean / baseline_mean)
                - tenths / 10 * sqrt(pow(error_of(standard_deviation, n, mean), 2) + pow(error_of(baseline_standard_deviation, baseline_n, baseline_mean), 2)))
                > 1e-4)
            or (effect_size_kind = 'hedges_g' and abs(effect_size - difference / pooled) > 6e-3)
        """
    ).fetchall()


def sums(connection: duckdb.DuckDBPyConnection, warehouse: str, suffix: str, user: str) -> None:
    """A table `sums<suffix>`: of each group that the person may be in, exactly, the sums of values and of weights, capped and not.

    `mates`: how many others of the person's account are in the group.
    """
    connection.execute(
        f"""
        create or replace table sums{suffix} as
        with days as (
            select distinct as_of_date, previous_as_of_date from {warehouse}.marts.segment_sizes
            where as_of_date in (select as_of_date from truth where user_id = $user)
        ),
        members as (
            select segment as who, user_id, as_of_date from {warehouse}.marts.user_segments
            union all select '__all__', user_id, as_of_date from {warehouse}.features.user_features
        ),
        mates as (
            select others.user_id, as_of_date from warehouse.features.user_features as me
            inner join warehouse.features.user_features as others using (account_id, as_of_date) where me.user_id = $user
        ),
        values_of as (
            select people.*, coalesce(mates.user_id is not null and people.user_id <> $user, false) as is_mate
            from truth{suffix} as people left join mates using (user_id, as_of_date)
        ),
        paired_values as (
            select people.*, coalesce(mates.user_id is not null and people.user_id <> $user, false) as is_mate
            from paired{suffix} as people left join mates using (user_id, as_of_date)
        ),
        -- Whose value of which day stands in which row.
        counted as (
            select who, 'members' as part, as_of_date, user_id, metric, x, w, is_mate
            from members inner join days using (as_of_date) inner join values_of using (user_id, as_of_date)
            union all
            select who, unnest(['both', 'before']), as_of_date, user_id, metric, unnest([now.x, past.x]), unnest([now.w, past.w]),
                unnest([now.is_mate, past.is_mate])
            from members inner join days using (as_of_date) inner join paired_values as now using (user_id, as_of_date)
            inner join values_of as past using (user_id, metric)
            where past.as_of_date = previous_as_of_date
        ),
        added as (
            select who, part, metric, as_of_date, count(*) as n, sum(x) as x, sum(w) as w, sum(held(x, w, top, weight_top, kind)) as y,
                sum(held_divisor(x, w, top, weight_top, kind)) as v, sum(pow(held(x, w, top, weight_top, kind), 2)) as q, count(*) filter (is_mate) as mates, bool_or(user_id = $user) as is_in
            from counted inner join units{suffix} using (metric, as_of_date) group by all
        )
        from added
        union all by name
        select part.who, 'rest' as part, metric, as_of_date, whole.n - part.n as n, whole.x - part.x as x, whole.w - part.w as w, whole.y - part.y as y,
            whole.v - part.v as v, whole.q - part.q as q, whole.mates - part.mates as mates, whole.is_in and not part.is_in as is_in
        from added as part inner join added as whole using (metric, as_of_date)
        where part.part = 'members' and whole.part = 'members' and whole.who = '__all__' and part.who <> '__all__'
        """,
        {"user": user},
    )


def between(connection: duckdb.DuckDBPyConnection, before: str, after: str, user: str, minimum: int) -> Findings:
    """What two files tell of the values of one person who is in the first alone: the intersection of all that each number allows.

    The reader knows more than any reader does: who it is, in which segments the person was on which date, who else is of the account,
    the caps and the divisors of both files, and by how much the sums changed for any other reason: a cap that moved, people who
    entered a segment or left it because their rank changed. What the account shares in equal parts the others take over. So the
    interval holds the truth whatever a publication does; where it does not, the attack is wrong.
    """
    findings = Findings()
    sides(connection, after, minimum, "_after")
    sides(connection, before, minimum)
    sums(connection, "warehouse", "", user)
    sums(connection, "warehouse_after", "_after", user)
    rows = connection.execute(
        f"""
        with accounts as (
            -- A copy in which the person's rows were deleted, and nothing was built, has the account as it was.
            select me.as_of_date, case when bool_or(afterwards.account_users < others.account_users) then count(*) else 1 end as size
            from warehouse.features.user_features as me inner join warehouse.features.user_features as others using (account_id, as_of_date)
            left join warehouse_after.features.user_features as afterwards
                on others.user_id = afterwards.user_id and others.as_of_date = afterwards.as_of_date
            where me.user_id = $user group by me.as_of_date
        ),
        days as (select distinct as_of_date, previous_as_of_date from {before}.marts.segment_sizes),
        linked as (
            select
                a.who, a.part, a.metric, a.kind, a.is_winsorized,
                case when a.part = 'before' then days.previous_as_of_date else a.as_of_date end as as_of_date,
                a.n, a.total as t, a.total_width / 2 as h, a.raw_total as r, a.raw_total_width / 2 as rh, a.spread as s, a.spread_width / 2 as sh,
                b.n as n_2, b.total as t_2, b.total_width / 2 as h_2, b.raw_total as r_2, b.raw_total_width / 2 as rh_2, b.spread as s_2,
                b.spread_width / 2 as sh_2,
                old.x, old.y, old.q, new.x as x_2, new.y as y_2, new.q as q_2,
                units.top, mine.x as own, held(mine.x, mine.w, units.top, units.weight_top, units.kind) as own_capped,
                -- Of what an account shares its others have the more, so that where all of them are in the group it has as much as before.
                case when coalesce(size, 1) = 1 or metrics.level <> 'account' or a.kind = 'binary' then 1
                    else 1 - old.mates / (size - 1) end as factor,
                case when coalesce(size, 1) = 1 or metrics.level <> 'account' or a.kind = 'binary' then 1
                    else 1 + old.mates * (1 - pow(size / (size - 1), 2)) end as square_factor
            from {before}_sides as a
            inner join {after}_sides as b using (who, part, metric, as_of_date)
            inner join sums as old using (who, part, metric, as_of_date)
            inner join sums_after as new using (who, part, metric, as_of_date)
            inner join days using (as_of_date)
            inner join warehouse.marts.metrics as metrics using (metric)
            inner join units using (metric, as_of_date)
            inner join truth as mine on mine.user_id = $user and mine.metric = a.metric
                and mine.as_of_date = case when a.part = 'before' then days.previous_as_of_date else a.as_of_date end
            left join accounts on accounts.as_of_date = mine.as_of_date
            where old.is_in
        ),
        ends as (
            -- `moved`: by how much the sum changed for other reasons.
            select *, 'mean' as said, top as bound, factor as times, 0 as center, y - y_2 - factor * own_capped as moved,
                t - h - t_2 - h_2 as low, t + h - t_2 + h_2 as high
            from linked where isfinite(h) and isfinite(h_2)
            union all
            select *, 'raw mean', double 'Infinity', factor, 0, x - x_2 - factor * own, r - rh - r_2 - rh_2, r + rh - r_2 + rh_2
            from linked where r is not null and r_2 is not null and is_winsorized and isfinite(rh) and isfinite(rh_2)
            union all
            select *, 'squares', top, square_factor, 0, q - q_2 - square_factor * own_capped * own_capped,
                s - sh + pow(greatest(abs(t) - h, 0), 2) / n - s_2 - sh_2 - pow(abs(t_2) + h_2, 2) / n_2,
                s + sh + pow(abs(t) + h, 2) / n - s_2 + sh_2 - pow(greatest(abs(t_2) - h_2, 0), 2) / n_2
            from linked where kind <> 'ratio' and isfinite(h) and isfinite(h_2)
            union all
            -- Without somebody the sum of squared distances is less by n / (n − 1) times the square of the distance to the mean.
            select *, 'deviation', top, n / (n - 1), t / n, q - y * y / n - q_2 + y_2 * y_2 / n_2 - n / (n - 1) * pow(own_capped - y / n, 2),
                s - sh - s_2 - sh_2, s + sh - s_2 + sh_2
            from linked where kind <> 'ratio' and factor = 1 and isfinite(h) and isfinite(h_2)
        ),
        alone as (
            select *, least((low - moved) / times, (high - moved) / times) as at_least, greatest((low - moved) / times, (high - moved) / times) as at_most
            from ends where abs(times) > 1e-9
        ),
        -- What is at the cap may be anything above it.
        found as (
            select who, part, said, metric, found.kind, as_of_date, own, found.bound,
                case when said in ('mean', 'raw mean') then at_least
                    when said = 'deviation' then case when center + h / n - sqrt(greatest(at_least, 0)) < bottom - 1e-6 * greatest(1, cap)
                        then center - h / n + sqrt(greatest(at_least, 0)) else center - h / n - sqrt(greatest(at_most, 0)) end
                    when found.kind = 'nps' then -sqrt(greatest(at_most, 0)) else sqrt(greatest(at_least, 0)) end as low,
                case when said in ('mean', 'raw mean') then at_most else center + h / n + sqrt(greatest(at_most, 0)) end as high
            from alone as found inner join units using (metric, as_of_date)
        )
        select metric, as_of_date, any_value(found.kind), any_value(own), any_value(cap), any_value(bottom), any_value(most),
            max(low), min(high) filter (high < bound * (1 - 1e-9)), count(*),
            list((who, part, said, low, high)) filter (low > own + 1e-6 * greatest(1, cap) or (high < bound and high < own - 1e-6 * greatest(1, cap)))
        from found inner join units using (metric, as_of_date) where cap > 0 group by metric, as_of_date order by all
        """,
        {"user": user},
    ).fetchall()
    findings.tried["values"] = len(rows)
    findings.tried["equations"] = sum(row[9] for row in rows)
    for metric, day, _, own, cap, bottom, most, low, high, equations, wrong in rows:
        low, high = max(low, bottom), most if high is None else min(high, most)
        if wrong or not low - 1e-6 * max(1, cap) <= own <= high + 1e-6 * max(1, cap):
            findings.astray.append(("value", metric, day, own, low, high, cap, wrong))
        elif high - low < 0.1 * cap - 1e-9:
            findings.solved.append(("value", metric, day, own, low, high, cap, equations))
    return findings


SMALL = ("segments", "metrics", "segment_sizes", "user_segments", "segment_comparison")


def small_copy(warehouse: Path, path: Path, dates: int, without: str | None = None) -> None:
    """The last dates of a warehouse, as far as comparisons go, counted anew: with everybody, or without one user."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"attach '{warehouse}' as whole (read_only); create schema marts; create schema features")
        first = connection.execute(
            "select min(as_of_date) from (select distinct as_of_date from whole.features.user_features order by 1 desc limit ?)", [dates]
        ).fetchone()[0]
        who = f"user_id <> '{without}'" if without else "true"
        connection.execute(
            f"create table features.user_features as select * from whole.features.user_features where as_of_date >= ? and {who}", [first]
        )
        for name in SMALL:
            condition = f"as_of_date >= date '{first}'" + (f" and {who}" if name == "user_segments" else "")
            connection.execute(f"create table marts.{name} as select * from whole.marts.{name} where {condition}")
        connection.execute("update marts.segment_sizes set entered = null, exited = null, stayed = null")
        connection.execute("delete from marts.segment_comparison where baseline in ('previous_period', 'difference_in_differences')")
        connection.execute("detach whole")
    with duckdb.connect() as connection:
        attach(connection, path, {})
        connection.execute(
            """
            create table capped as
            select truth.*, held(x, w, top, weight_top, truth.kind) as y, held_divisor(x, w, top, weight_top, truth.kind) as v from truth inner join units using (metric, as_of_date);
            create table members as select segment as who, user_id, as_of_date from warehouse.marts.user_segments
            union all select '__all__', user_id, as_of_date from warehouse.features.user_features;
            create table sums as
            select who, metric, as_of_date, any_value(kind) as kind, count(*) as n, sum(y) as y, sum(x) as x, sum(w) as w, sum(v) as v, sum(y * y) as q
            from members inner join capped using (user_id, as_of_date) group by all;
            insert into sums
            select 'rest ' || part.who, metric, as_of_date, part.kind, whole.n - part.n, whole.y - part.y, whole.x - part.x, whole.w - part.w, whole.v - part.v,
                whole.q - part.q
            from sums as part inner join sums as whole using (metric, as_of_date) where whole.who = '__all__' and part.who <> '__all__';
            create table statistics as
            select *, y / nullif(v, 0) as mean, x / nullif(w, 0) as raw_mean, sqrt(greatest(q - y * y / n, 0) / nullif(n - 1, 0)) as sd from sums;
            create table sizes as select who, as_of_date, count(*) as users from members group by all
            """
        )
        connection.execute("detach warehouse")
        connection.execute(f"attach '{path}' as warehouse")
        for prefix, who in (
            ("", "segment"),
            ("baseline_", "case baseline when 'rest' then 'rest ' || segment when 'all' then '__all__' else substr(baseline, 9) end"),
        ):
            connection.execute(
                f"""
                update warehouse.marts.segment_comparison as mart set
                    {prefix}n = s.n, {prefix}mean = s.mean, {prefix}raw_mean = s.raw_mean,
                    {prefix}standard_deviation = case when s.kind = 'ratio' then mart.{prefix}standard_deviation else s.sd end
                from statistics as s where s.metric = mart.metric and s.as_of_date = mart.as_of_date and s.who = {who}
                """
            )
        connection.execute(
            """
            update warehouse.marts.segment_sizes as mart set users = sizes.users from sizes
            where sizes.who = mart.segment and sizes.as_of_date = mart.as_of_date;
            update warehouse.marts.segment_sizes as mart set population_users = sizes.users from sizes
            where sizes.who = '__all__' and sizes.as_of_date = mart.as_of_date
            """
        )

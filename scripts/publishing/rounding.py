"""How far means, spreads and what is computed from them are rounded, so that they tell the value of no single person.

One person moves the sum of a group by 0 up to the metric's *cap*. Of a mean the sum is rounded, to a grid `PEOPLE` times as wide
as that and the same whatever the number of people: without one of them the sum stays, or goes down by one step, and either could
be any value's. On a grid of the mean itself, which is finer the more people there are, a mean can go up when somebody leaves, and
that says that the person had next to nothing. Sums of squared distances to the mean are treated alike, for deviations.

Sums of whole numbers are counts in disguise (a sum of 3 tickets is at most three people), so the grid is also as wide as twice
the smallest count that may be shown. What follows from rounded numbers (differences, intervals, shares, lifts) is computed from
them, so that it tells nothing more: rounded on its own it would tell the same number twice, on two grids.
"""

from __future__ import annotations

import re

import duckdb

from refusal import Refusal

# Width of the grid of a sum, in how far one person can move it, and of a sum of squares, in how far one square can.
PEOPLE = 2
SQUARES = 1
# The cap of a heavy-tailed metric: this quantile of all values of the date. Its means are capped there, or not far away.
CAP_AT = 0.99
# Of numbers whose values are not at hand: the largest is taken to be that many standard deviations from the mean.
DEVIATIONS = 8

MACROS = (
    # The next number of 1, 2, 5, 10, 20, …, and of 0.5, 0.2, 0.1, …: a grid that people can read.
    """
    nice(x) as case when x > 0 then round(
        pow(10, floor(log10(x))) * case
            when x <= pow(10, floor(log10(x))) * (1 + 1e-9) then 1
            when x <= pow(10, floor(log10(x))) * (2 + 1e-9) then 2
            when x <= pow(10, floor(log10(x))) * (5 + 1e-9) then 5
            else 10
        end, 12) when x = 0 then 0 end
    """,
    # A number on a grid. Without a width of the grid nothing is known of what it would tell: NULL. What lies between two numbers
    # of the grid goes up, always: the last digits of a double, which differ from build to build, must not decide.
    "on_grid(x, width) as case when width > 0 then round(round(round(x / width, 6)) * width, 12) + 0e0 when width = 0 then x end",
    # A mean whose sum is on a grid; of a ratio its divisor is, too (`rounded`; of anything else it is a count).
    "mean_on_grid(x, divisor, width, rounded) as round(on_grid(x * divisor, width) / nullif(rounded, 0), 12)",
    # Of a standard deviation the sum of squares.
    "squares_on_grid(x, n, divisor, width) as on_grid((n - 1) * pow(x * divisor / n, 2), width)",
    # The deviation again; NULL where that would be 0, which would claim that all are alike.
    "deviation_of(squares, n, divisor) as sqrt(nullif(squares, 0) / nullif(n - 1, 0)) * n / nullif(divisor, 0)",
    # The square of the error of a mean: where squares are rounded to 0, of the most that they can be.
    "error_of(squares, n, divisor, width) as greatest(squares, width / 2) / nullif(n - 1, 0) * n / nullif(pow(divisor, 2), 0)",
    # Half the width of an interval, its square on a grid; rather too wide than NULL.
    "margin_on_grid(x, width) as case when x >= 0 then sqrt(greatest(on_grid(x * x, width), width)) end",
    "digits(x, n) as case when x = 0 then 0 else on_grid(x, round(pow(10, floor(log10(abs(x))) - n + 1), 12)) end",
    # Of a p-value or q-value: the upper end of its band.
    """
    band(p) as case
        when p <= 1e-3 then 1e-3 when p <= 1e-2 then 1e-2 when p <= 5e-2 then 5e-2 when p <= 1e-1 then 1e-1
        when p <= 25e-2 then 25e-2 when p <= 5e-1 then 5e-1 when p <= 1 then 1e0
    end
    """,
)


def prepare(connection: duckdb.DuckDBPyConnection, minimum: int) -> None:
    """Makes the macros, and a table `work.metric_units` of how much one person can move a sum, by metric and date."""
    for macro in (*MACROS, f"of_whole_numbers(unit) as greatest(unit, {2 * minimum})"):
        connection.execute(f"create or replace macro {macro}")
    connection.execute(
        "create or replace table work.metric_units (metric varchar, as_of_date date, is_paired boolean, unit double, square double, step double)"
    )
    connection.execute(
        "create or replace table work.metric_weights (metric varchar, segment varchar, part varchar, as_of_date date, weight double, capped double)"
    )
    connection.execute(
        "create or replace table work.money_units (as_of_date date, revenue double, lifetime double, tickets double, acquisition double, arr double)"
    )
    places = dict(
        connection.execute(
            "select table_name, schema_name from duckdb_tables() where database_name = 'warehouse' "
            "and table_name in ('user_features', 'metrics', 'user_segments', 'change_sums')"
        ).fetchall()
    )
    if len(places.keys() - {"change_sums"}) < 3:
        return
    features = f"warehouse.{places['user_features']}.user_features"
    metrics = connection.execute(
        f"select metric, kind, definition, is_heavy_tailed from warehouse.{places['metrics']}.metrics order by metric"
    ).fetchall()
    weights: list[tuple[str, str, str, bool]] = []
    for metric, kind, definition, is_heavy_tailed in metrics:
        value, weight = _value_and_weight(definition)
        step = "0"
        if weight is not None:
            weight = f"case when ({value}) is not null then cast({weight} as double) end"
            step = _largest(weight, is_heavy_tailed)
            weights.append((metric, f"case when ({weight}) is not null then cast({value} as double) end", weight, is_heavy_tailed))
        # Zeros and ones are counts, which are withheld as such where they are small; so are promoters and detractors.
        least = "0" if kind in ("binary", "nps") else f"coalesce(min(abs({value})) filter (({value}) <> 0), 0)"
        try:
            connection.execute(
                f"""
                insert into work.metric_units
                with facts as (
                    select
                        as_of_date, cast({_largest(value, is_heavy_tailed)} as double) as cap,
                        {least} as least, cast({step} as double) as step
                    from {features} group by as_of_date
                )
                select ?, as_of_date, false, greatest({PEOPLE} * cap, 2 * {minimum} * least), {SQUARES} * cap * cap, step from facts
                """,
                [metric],
            )
        except duckdb.Error as error:
            raise Refusal(
                f"The largest value of the metric {metric} cannot be computed from its definition ({definition}).\n{error}"
            ) from None
    # What is compared with the date before has values of both: nobody may have anything now, and many then.
    columns = ", ".join(
        f"greatest({column}, lag({column}) over (partition by metric order by as_of_date)) as {column}"
        for column in ("unit", "square", "step")
    )
    connection.execute(f"insert into work.metric_units select metric, as_of_date, true, {columns} from work.metric_units")
    connection.execute(
        f"""
        insert into work.money_units
        select as_of_date, {
            ", ".join(
                f"coalesce(nullif(cast(quantile_disc({column}, {CAP_AT}) as double), 0), cast(max({column}) as double), 0)"
                for column in ("revenue_91d", "lifetime_revenue", "tickets_91d", "acquisition_cost", "(12 * mrr / account_users)")
            )
        }
        from {features} group by as_of_date
        """
    )
    if weights:
        _sum_weights(connection, features, places["user_segments"], weights, "change_sums" in places)


def _largest(value: str, is_heavy_tailed: bool) -> str:
    """SQL of how much one user counts for at most, as an aggregate."""
    if not is_heavy_tailed:
        return f"max(abs({value}))"
    # A cap at the least value of all is none; nor is one of 0, where nearly everybody has nothing.
    cap = f"case when quantile_disc({value}, {CAP_AT}) > min({value}) then nullif(quantile_disc(abs({value}), {CAP_AT}), 0) end"
    return f"coalesce({cap}, max(abs({value})))"


def _sum_weights(
    connection: duckdb.DuckDBPyConnection, features: str, schema: str, weights: list[tuple[str, str, str, bool]], has_changes: bool
) -> None:
    """Fills `work.metric_weights`: the divisors of the ratios, by segment and date, also after the cap of the date.

    Of the members ('members'); and, as change_sums has them, of those who were there on the date before, too: now ('both') and then
    ('before').
    """
    names = [f"weight_{number}" for number in range(len(weights))]
    columns = ", ".join(f"{value} as of_{name}, {weight} as {name}" for name, (_, value, weight, _) in zip(names, weights))
    connection.execute(f"create or replace temp table user_weights as select user_id, as_of_date, {columns} from {features}")
    tops = ", ".join(
        f"nullif(quantile_disc({column}, {CAP_AT}), min({column})) as top_{column}" if is_heavy else f"cast(null as double) as top_{column}"
        for name, (_, _, _, is_heavy) in zip(names, weights)
        for column in (f"of_{name}", name)
    )
    sums = ", ".join(
        # A ratio is capped as one; least() passes over a cap that is NULL.
        f"sum({name}) as {name}, sum({name} * least(1, "
        + ", ".join(f"case when {part} > top_{part} and top_{part} > 0 then top_{part} / {part} end" for part in (f"of_{name}", name))
        + f")) as capped_{name}"
        for name in names
    )
    rows = " union all ".join(
        f"select '{metric}', segment, 'members', as_of_date, {name}, capped_{name} from sums where {name} is not null"
        for name, (metric, _, _, _) in zip(names, weights)
    )
    connection.execute(
        f"""
        insert into work.metric_weights
        with tops as (select as_of_date, {tops} from user_weights group by as_of_date),
        members as (
            select segment, user_id, as_of_date from warehouse.{schema}.user_segments
            union all
            select '__all__', user_id, as_of_date from user_weights
        ),
        sums as materialized (
            select segment, as_of_date, {sums}
            from members inner join user_weights using (user_id, as_of_date) inner join tops using (as_of_date) group by segment, as_of_date
        )
        {rows}
        """
    )
    connection.execute("drop table user_weights")
    if not has_changes:
        return
    ratios = ", ".join(f"'{metric}'" for metric, _, _, _ in weights)
    connection.execute(
        f"""
        insert into work.metric_weights
        select metric, segment, unnest(['both', 'before']), as_of_date, unnest([raw_weight, before_raw_weight]), unnest([weight, before_weight])
        from warehouse.{schema}.change_sums where metric in ({ratios}) and n > 0
        """
    )


def _value_and_weight(definition: str) -> tuple[str, str | None]:
    """SQL of what one user adds to the sum, and of what to the divisor (None: 1), from a metric's definition."""
    ratio = re.fullmatch(r"sum\((.*)\) / sum\((.*)\)", definition, re.DOTALL)
    if ratio:
        return ratio[1], ratio[2]
    return definition.removeprefix("avg(").removesuffix(")"), None

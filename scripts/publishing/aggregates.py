"""Withholds small counts of the aggregate marts: reads them from the warehouse, leaves the rows to publish in memory."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import duckdb

from checking.database import only_row

from . import rounding
from .declarations import Aggregates, Count, Sum, to_sql
from .suppression import LAST_RESORT, Cell, Problem, suppress

NO_SEGMENT = "'__there is no lifecycle__'"


@dataclass
class Suppressed:
    """What was withheld: per mart the number of blanked fields, and sums that did not add up, by the mart that claims them."""

    fields: dict[str, int] = field(default_factory=dict)
    unequal_sums: dict[str, int] = field(default_factory=dict)
    # Counts of the same name that are not the same number, by one of their marts.
    unequal_counts: dict[str, int] = field(default_factory=dict)


def prepare(connection: duckdb.DuckDBPyConnection, marts: dict[str, tuple[str, Aggregates]], minimum: int) -> Suppressed:
    """Makes a table `memory.publish.<mart>` of each mart with small counts withheld and a column is_suppressed.

    `connection` has the warehouse attached as `warehouse`; `marts` gives each one's schema and declaration.
    """
    outcome = Suppressed()
    connection.execute("create schema if not exists memory.publish")
    connection.execute("create schema if not exists memory.work")
    connection.execute("use memory.work")
    lifecycle = _lifecycle_segments(connection, marts)
    rounding.prepare(connection, minimum)
    for name, (schema, mart) in marts.items():
        helpers, further = (
            "".join(f", {sql} as {column}" for column, sql in columns.items()) for columns in (mart.helpers, mart.further_helpers)
        )
        connection.execute(
            f"create or replace table work.{name} as select *{further} from ("
            f"select mart.*, row_number() over () as _row{helpers} from warehouse.{schema}.{name} as mart) as mart"
        )
    connection.execute(
        "create or replace table work.cells (mart varchar, cell ubigint, value bigint, is_shown boolean, is_zero boolean, cost bigint)"
    )
    connection.execute("create or replace table work.terms (mart varchar, is_loose boolean, equation ubigint, cell ubigint, factor int)")
    for name, (_, mart) in marts.items():
        for count in mart.counts:
            if count.value is not None:
                connection.execute(_cells_sql(name, count, lifecycle))
        for number, total in enumerate(mart.sums):
            connection.execute(_terms_sql(name, number, total, lifecycle))
    outcome.unequal_counts = dict(connection.execute(_UNEQUAL_COUNTS).fetchall())
    connection.execute(_ONE_ROW_PER_CELL)
    while only_row(connection.execute(_COMPUTE_HIDDEN))[0]:
        pass
    outcome.unequal_sums = dict(connection.execute(_UNEQUAL_SUMS).fetchall())
    withheld = _withheld(connection, minimum)
    connection.execute("create or replace table work.withheld (cell ubigint)")
    if withheld:
        connection.execute("insert into work.withheld select unnest(?::ubigint[])", [sorted(withheld)])
    for name, (_, mart) in marts.items():
        connection.execute(_published_sql(name, mart, lifecycle, minimum))
        blanked = sorted(mart.blanked())
        # Fields that were something and are nothing now.
        lost = " + ".join(f"count(old.{column}) - count(new.{column})" for column in blanked) or "0"
        outcome.fields[name] = (
            only_row(connection.execute(f"select {lost} from work.{name} as old inner join publish.{name} as new using (_row)"))[0]
            if blanked
            else 0
        )
        connection.execute(f"alter table publish.{name} drop column _row")
    connection.execute("drop schema work cascade")
    return outcome


def _lifecycle_segments(connection: duckdb.DuckDBPyConnection, marts: dict[str, tuple[str, Aggregates]]) -> str:
    """The lifecycle as a list of SQL literals; a name that no segment has if there is none."""
    if "segments" not in marts:
        return NO_SEGMENT
    rows = connection.execute(
        f"select segment from warehouse.{marts['segments'][0]}.segments where is_lifecycle order by segment"
    ).fetchall()
    return ", ".join("'" + row[0].replace("'", "''") + "'" for row in rows) or NO_SEGMENT


def _sql(text: str, lifecycle: str) -> str:
    return text.replace("{lifecycle}", lifecycle)


def _name(template: str, where: str, lifecycle: str) -> str:
    return to_sql(template, _sql(where, lifecycle))


# Added to the cost of a cell that is withheld late, but not as the last resort.
LATE = 1000


def _cells_sql(mart: str, count: Count, lifecycle: str) -> str:
    cost = str(len(count.blanks) + (count.column is not None))
    # Sizes of segments and of their rest are withheld last: everything else is read beside them.
    if re.match("(members|rest) ", count.name):
        cost += f" + {LAST_RESORT}"
    elif count.name.startswith("{_have}"):
        cost += f" + case when _have = '' then {LAST_RESORT} else 0 end"
    # Then those of all users together, which tell most.
    elif "{segment}" in count.name:
        cost += f" + case when segment = '__all__' then {LATE} else 0 end"
    # Nor is much gained by withholding 0: where a sum of counts is 0 or small, all of them would have to go.
    cost += f" + case when round({count.value}) = 0 then {LATE} else 0 end"
    is_zero = str(count.is_small_at_zero)
    # That everybody of an experiment or campaign has a history tells nothing, and hidden would cost another part its numbers.
    if "{segment}" in count.name:
        is_zero += " and segment <> '__no_history__'"
    return f"""
        insert into work.cells
        select '{mart}', cell, any_value(value), {not count.is_hidden}, bool_or(is_zero), sum(cost)
        from (
            select
                {_name(count.name, count.where, lifecycle)} as cell, cast(round({count.value}) as bigint) as value,
                {is_zero} as is_zero, {cost} as cost
            from work.{mart}
        ) as named
        where cell is not null and value is not null
        group by cell, value
    """


def _terms_sql(mart: str, number: int, total: Sum, lifecycle: str) -> str:
    total_sql = _name(total.total, total.where, lifecycle)
    keys = [*total.by] if total.is_across else [f"part_{i}" for i in range(len(total.parts))]
    key = ", ".join(["total", *keys])
    parts = "".join(f", {_name(part, total.where, lifecycle)} as part_{i}" for i, part in enumerate(total.parts))
    union = " union all ".join(
        f"select equation, part_{i} as cell, 1 as factor from named where part_{i} is not null" for i in range(len(total.parts))
    )
    return f"""
        insert into work.terms
        with named as (
            select *, md5_number_lower(concat_ws(' ', '{mart} {number}', {key})) as equation
            from (select {", ".join([*total.by, ""])}{total_sql} as total{parts} from work.{mart}) as computed
            where total is not null
        ),
        terms as (
            select equation, total as cell, -1 as factor from named
            union all {union}
        )
        select distinct '{mart}', {total.is_loose}, equation, cell, factor from terms
    """


_UNEQUAL_COUNTS = """
    with conflicts as (select cell, min(mart) as mart from work.cells group by cell having min(value) <> max(value))
    select mart, count(*) from conflicts group by mart
"""

# Of numbers that ought to be the same the smallest decides.
_ONE_ROW_PER_CELL = """
    create or replace table work.cells as
    select
        cell, min(value) as value, bool_or(is_shown) as is_shown, bool_or(is_zero) as is_zero,
        cast(sum(case when is_shown then cost else 0 end) as bigint) as cost
    from work.cells
    group by cell
"""

# What a sum names and no count shows is hidden, and its value follows from the sum.
_COMPUTE_HIDDEN = """
    insert into work.cells
    with gaps as (
        select
            terms.equation,
            count(*) - count(cells.cell) as gaps,
            any_value(terms.cell) filter (where cells.cell is null) as cell,
            any_value(terms.factor) filter (where cells.cell is null) as factor,
            coalesce(sum(terms.factor * cells.value), 0) as total
        from work.terms as terms
        left join work.cells as cells on terms.cell = cells.cell
        group by terms.equation
    )
    select cell, any_value(-total // factor), false, false, 0
    from gaps
    where gaps = 1
    group by cell
"""

_UNEQUAL_SUMS = """
    with totals as (
        select
            terms.mart, terms.equation, sum(terms.factor * cells.value) as total,
            min(cells.value) as least, count(*) - count(cells.cell) as gaps
        from work.terms as terms
        left join work.cells as cells on terms.cell = cells.cell
        where not terms.is_loose
        group by terms.mart, terms.equation
    )
    select mart, count(*) from totals where gaps = 0 and (total <> 0 or least < 0) group by mart
"""

# Sums that hold and whose every cell is known.
_EQUATIONS = """
    with totals as (
        select
            terms.equation, sum(terms.factor * cells.value) as total, count(*) - count(cells.cell) as gaps,
            min(cells.value) as least
        from work.terms as terms
        left join work.cells as cells on terms.cell = cells.cell
        group by terms.equation
    )
    select terms.equation, terms.cell, terms.factor
    from work.terms as terms
    inner join totals on terms.equation = totals.equation
    where totals.gaps = 0 and totals.total = 0 and totals.least >= 0
    order by terms.equation, terms.cell
"""


def _withheld(connection: duckdb.DuckDBPyConnection, minimum: int) -> set[int]:
    """The hashes of the cells to withhold."""
    numbers: dict[int, int] = {}
    problem = Problem()
    for cell, value, is_shown, is_zero, cost in connection.execute(
        "select cell, value, is_shown, is_zero, cost from work.cells order by cell"
    ).fetchall():
        numbers[cell] = len(problem.cells)
        is_small = value < minimum and (value > 0 or is_zero)
        problem.cells.append(Cell(value, is_shown, is_small, cost))
    current: int | None = None
    equation: list[tuple[int, int]] = []
    for number, cell, factor in connection.execute(_EQUATIONS).fetchall():
        if number != current and equation:
            problem.equations.append(tuple(equation))
            equation = []
        current = number
        equation.append((numbers[cell], factor))
    if equation:
        problem.equations.append(tuple(equation))
    hashes = list(numbers)
    return {hashes[number] for number in suppress(problem, minimum)}


def _published_sql(name: str, mart: Aggregates, lifecycle: str, minimum: int) -> str:
    """SQL for the rows to publish."""
    flags: dict[str, list[str]] = {}
    tests = []
    for number, count in enumerate(mart.counts):
        columns = [*count.blanks, *([count.column] if count.column else [])]
        if not columns:
            continue
        tests.append(
            f"coalesce({_name(count.name, count.where, lifecycle)} in (select cell from work.withheld), false) as _withheld_{number}"
        )
        for column in columns:
            flags.setdefault(column, []).append(f"_withheld_{number}")
    own = " or ".join(sorted({flag for found in flags.values() for flag in found})) or "false"
    grouped = []
    for number, group in enumerate(mart.together):
        keys = ", ".join(group.columns)
        grouped.append(f"bool_or(_is_own) over (partition by {keys}) as _group_{number}")
        for column in group.blanks:
            flags.setdefault(column, []).append(f"_group_{number}")
    blank = {column: " or ".join(found) for column, found in flags.items()}

    def value(column: str) -> str:
        return mart.rounded.get(column, column)

    replaced = ", ".join(
        [f"case when not ({test}) then {value(column)} end as {column}" for column, test in sorted(blank.items())]
        + [f"{value(column)} as {column}" for column in sorted(mart.rounded) if column not in blank]
    )
    # A row is marked if a field of it was withheld that had something in it.
    marks = (
        " or ".join(
            f"(({test}{f' or ({mart.rounded[column]}) is null' if column in mart.rounded else ''}) and {column} is not null)"
            for column, test in sorted(blank.items())
        )
        or "false"
    )
    excluded = ", ".join(
        [
            "_is_own",
            *mart.helpers,
            *mart.further_helpers,
            *mart.withheld,
            *[test.rsplit(" ", 1)[1] for test in tests],
            *[test.rsplit(" ", 1)[1] for test in grouped],
        ]
    )
    return f"""
        create or replace table publish.{name} as
        with tested as (select *{"".join(", " + test for test in tests)} from work.{name}),
        owned as (select *, {own} as _is_own from tested),
        grouped as (select *{"".join(", " + test for test in grouped)} from owned)
        select * exclude ({excluded}){f" replace ({replaced})" if replaced else ""}, {marks} as is_suppressed
        from grouped
        where {_sql(mart.rows, lifecycle).replace("{minimum}", str(minimum))}
        order by _row
    """

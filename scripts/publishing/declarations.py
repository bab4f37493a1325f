"""The words in which marts.py says what is published of a mart."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Count:
    """A number of people, and the columns that show it.

    `name` says which number it is, with columns (or SQL) in braces: `members {segment} {as_of_date}`. Two columns with the same
    name show the same number, in whatever mart they stand, and are withheld together. `value`: the column that shows it, or SQL
    where only a share or mean does. `column`: the column that shows it; None: none does. `blanks`: columns that tell the number
    too. `where`: SQL, the rows in which it means something. Without `value` the number stands elsewhere and is used here.
    """

    name: str
    value: str | None = None
    column: str | None = None
    blanks: tuple[str, ...] = ()
    where: str = "true"
    # A number that stands in no column and follows from others, such as the rest of the population.
    is_hidden: bool = False
    # Whether 0 counts as small. It does for what is shown; a share of 0 or of all says nothing about a few.
    is_small_at_zero: bool = False


def shown(name: str, column: str, *blanks: str, where: str = "true") -> Count:
    """A count in a column of its own."""
    return Count(name, column, column, blanks, where, is_small_at_zero=True)


def shown_zero_too(name: str, column: str, *blanks: str, where: str = "true") -> Count:
    """A count of what ought not to happen, such as users who fell out: that it is 0 is good news and no secret."""
    return Count(name, column, column, blanks, where)


def implied(name: str, value: str, *blanks: str, where: str = "true") -> Count:
    """A count that no column shows, but that follows from columns such as a share and its divisor."""
    return Count(name, value, None, blanks, where)


def used(name: str, *blanks: str, where: str = "true") -> Count:
    """A count of another row or mart that these columns are computed from."""
    return Count(name, None, None, blanks, where)


def hidden(name: str, value: str, where: str = "true") -> Count:
    """A count that stands nowhere, and is small at 0 too: the complement."""
    return Count(name, value, None, (), where, is_hidden=True, is_small_at_zero=True)


@dataclass(frozen=True)
class Sum:
    """The number `total` is the sum of the numbers `parts`; of all rows with the same total, and alike in `by`, if `is_across`.

    A part (or the total) that no column shows is a difference that the reader can compute, and is guarded like a count.
    `is_loose`: true of most rows only, by the meaning of the columns; where it does not hold nothing follows from it.
    """

    total: str
    parts: tuple[str, ...]
    where: str = "true"
    is_across: bool = False
    is_loose: bool = False
    by: tuple[str, ...] = ()


def adds_up(total: str, *parts: str, where: str = "true", is_loose: bool = False) -> Sum:
    """A sum within each row."""
    return Sum(total, parts, where, False, is_loose)


def adds_up_across(total: str, *parts: str, where: str = "true", by: tuple[str, ...] = (), is_loose: bool = False) -> Sum:
    """A sum over all rows that name the same total."""
    return Sum(total, parts, where, True, is_loose, by)


@dataclass(frozen=True)
class Together:
    """`blanks` are computed from several rows, those alike in `columns`: withheld in all of them if anything is in one."""

    columns: tuple[str, ...]
    blanks: tuple[str, ...]


@dataclass(frozen=True)
class Aggregates:
    """Published in the file that everybody reads, small counts withheld. Every column is in exactly one of these."""

    # Always published: what the row is about, and what says nothing about single people.
    kept: tuple[str, ...]
    counts: tuple[Count, ...] = ()
    sums: tuple[Sum, ...] = ()
    together: tuple[Together, ...] = ()
    # Never published, each with its reason.
    withheld: dict[str, str] = field(default_factory=dict)
    # SQL: the rows to publish; {minimum} is the least count that may show. Others still count in the sums.
    rows: str = "true"
    # Further columns to name counts by, as SQL over `mart` and `warehouse.marts.*`; never published.
    helpers: dict[str, str] = field(default_factory=dict)
    # The same, over `helpers`.
    further_helpers: dict[str, str] = field(default_factory=dict)
    # Column: SQL of what is published of it, over the columns of the mart and the helpers, with the macros of rounding.py.
    rounded: dict[str, str] = field(default_factory=dict)
    # A table of state, whose rows are kept from build to build: data_through of a row is the day on which it was added. It may lie
    # before the last day of the other marts; rows after it (of a look into the past, or of a mistake) are not published.
    is_state: bool = False

    def blanked(self) -> set[str]:
        """The columns that can be withheld in single rows."""
        columns = {column for count in self.counts for column in (*count.blanks, count.column) if column}
        return columns | {column for group in self.together for column in group.blanks}


@dataclass(frozen=True)
class Users:
    """Published in the file of single users: ids as pseudonyms, other personal and sensitive columns left out, times as days.

    What is known outside of a person or company as an exact number would find the pseudonym's owner: it is withheld, or rounded.
    """

    withheld: dict[str, str] = field(default_factory=dict)
    # Number of decimals to which a column is rounded.
    rounded: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Withheld:
    """Not published at all."""

    reason: str


Publication = Aggregates | Users | Withheld


def to_sql(template: str, where: str = "true") -> str:
    """SQL for the name of a count; NULL where a column in it is NULL or `where` does not hold."""
    pieces = re.split(r"\{([^}]*)\}", template)
    sql = " || ".join(
        f"cast({piece} as varchar)" if place % 2 else "'" + piece.replace("'", "''") + "'" for place, piece in enumerate(pieces) if piece
    )
    # Not hash(): of texts that are alike it gives the same number for one in a few.
    return f"case when {where} then md5_number_lower({sql}) end"

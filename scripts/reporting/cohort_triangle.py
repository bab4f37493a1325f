"""Cohorts by signup: of those who signed up in a week or month, how many were active again, period by period."""

from __future__ import annotations

from . import wording
from .html import behind, card, section, sentences, table
from .source import Marts, Row

# So many of the newest cohorts are shown.
COHORTS = 12


def written(marts: Marts) -> str:
    """The triangle of months, and that of weeks behind a click."""
    rows = marts.rows(
        """
        select *, {withheld:signup_cohorts} as is_withheld from marts.signup_cohorts
        where segment = '__all__' order by cohort_unit, cohort_start, period
        """
    )
    months, weeks = ([row for row in rows if row["cohort_unit"] == unit] for unit in ("month", "week"))
    if not rows:
        return ""
    return section(
        "signups",
        "Cohorts by signup",
        card(
            sentences([answer(months, "month")])
            + '<p class="small">Active again, as a share of those who signed up. A period has 30 days and begins with each user\'s own day of '
            "signup; a cell without a number is too early to say.</p>"
            + _triangle(months, "month")
            + behind("By week of signup, in periods of 7 days", _triangle(weeks, "week"))
        ),
    )


def answer(rows: list[Row], unit: str) -> str:
    """The newest cohort with a known first return against the one before it."""
    known = [row for row in rows if row["period"] == 1 and row["is_mature"] and row["share"] is not None]
    if len(known) < 2:
        return "It is too early to compare two cohorts, or their counts are withheld."
    before, now = known[-2:]
    said = "as many as" if now["share"] == before["share"] else "more than" if now["share"] > before["share"] else "fewer than"
    return (
        f"Of those who signed up in the {unit} of {wording.short_date(now['cohort_start'])}, {wording.percent(now['share'])} were active again in the "
        f"period after their first one, {said} in the cohort before ({wording.percent(before['share'])})."
    )


def _triangle(rows: list[Row], unit: str) -> str:
    starts = sorted({row["cohort_start"] for row in rows})[-COHORTS:]
    cells = {(row["cohort_start"], row["period"]): row for row in rows}
    periods = sorted({row["period"] for row in rows if row["is_mature"] and row["cohort_start"] in starts})
    lines = []
    for start in reversed(starts):
        first = cells[start, 0]
        lines.append(
            (
                wording.short_date(start),
                wording.number(first["n"], 0, withheld=True),
                wording.percent(first["activation_rate"], 0, withheld=first["is_withheld"]),
                *(
                    "" if not cells[start, period]["is_mature"] else wording.percent(cells[start, period]["share"], 0, withheld=True)
                    for period in periods
                ),
            )
        )
    return table(
        (f"Signed up in the {unit} of", "Users", "Activated", *(str(period) for period in periods)), lines, f"Retention by {unit} of signup"
    )

"""Names of the counts that several marts show, and columns that go with several counts."""

from __future__ import annotations

# All users of a date are the members of `__all__`.
MEMBERS = "members {segment} {as_of_date}"
EVERYBODY = "members __all__ {as_of_date}"
REST = "rest {segment} {as_of_date}"

# {lifecycle} is replaced by the names of the segments of the lifecycle, which hold everybody once.
IS_LIFECYCLE = "segment in ({lifecycle})"

DATES = ("as_of_date", "data_through")

# Columns that go with several counts.
DIFFERENCE = ("difference", "difference_lower", "difference_upper")
TEST = ("quality", "family", "p_value", "q_value")
MEANS = ("mean", "baseline_mean", *DIFFERENCE)
LIFT = ("lift", "lift_lower", "lift_upper")

# Sums of money: how far two people can move them.
MONEY_GRIDS = {
    f"_{name}_grid": f"(select nice({width}) from money_units as units where units.as_of_date = mart.as_of_date)"
    for name, width in (
        ("arr", "2 * arr"),
        ("revenue", "2 * revenue"),
        ("lifetime", "2 * lifetime"),
        ("acquisition", "2 * acquisition"),
        ("tickets", "of_whole_numbers(2 * tickets)"),
    )
}
REVENUE_ON_GRID = "on_grid(revenue_91d, _revenue_grid)"
LIFETIME_ON_GRID = "on_grid(lifetime_revenue, _lifetime_grid)"
SHARE_OF_REVENUE = f"{REVENUE_ON_GRID} / nullif(on_grid(_revenue_of_all, _revenue_grid), 0)"
COUNTED_ACCOUNTS = "a count of accounts beside one of users tells how large they are; quality says whether there are enough"
TELLS_ACCOUNTS = "with interval and counts it would tell how users share accounts"

"""Clusters: how large they are, and whether they would be the same had other accounts been asked."""

from __future__ import annotations

from . import wording
from .source import Marts, Row

VERDICTS = {
    "insufficient": "Too few accounts to say whether these clusters would come out again.",
    "unstable": "Do not name these clusters: with other accounts they would be others.",
    "moderate": "Read only clusters that are found again to 75\u202f% or more: with other accounts some would be others.",
    "stable": "With other accounts these clusters would be much the same.",
}
CONTINUUM = " They are hardly apart: a cut through people who differ by degrees, not groups of a kind."
# Rousseeuw (1987): below this no structure to speak of.
APART = 0.25
FOUND_AGAIN = 0.75


def read_clusters(marts: Marts) -> list[Row]:
    """One row per cluster, the first first."""
    return marts.rows(
        """
        select cluster, quality, users, share, silhouette, recovery, mean_silhouette, {withheld:cluster_quality} as is_withheld
        from marts.cluster_quality order by cluster
        """
    )


def verdict(rows: list[Row]) -> str:
    """What may be made of all of them together."""
    if not rows:
        return ""
    first = rows[0]
    is_cut = first["quality"] in ("moderate", "stable") and first["mean_silhouette"] is not None and first["mean_silhouette"] < APART
    return VERDICTS[first["quality"]] + (CONTINUUM if is_cut else "")


def clusters(rows: list[Row]) -> list[dict[str, str]]:
    """Each cluster with its size, how often it is found again and how far it is apart, as texts."""
    return [
        {
            "cluster": f"Cluster {row['cluster']}",
            "claim": claim(row),
            "users": wording.number(row["users"], 0, withheld=row["is_withheld"]),
            "share": wording.percent(row["share"], withheld=row["is_withheld"]),
            "recovery": wording.percent(row["recovery"], 0, withheld=row["is_withheld"]),
            "silhouette": wording.number(row["silhouette"], 2, withheld=row["is_withheld"]),
        }
        for row in rows
    ]


def claim(row: Row) -> str:
    """What may be made of one of them."""
    if row["recovery"] is None:
        return "Its numbers are withheld." if row["is_withheld"] else "Nothing can be said."
    if row["quality"] in ("insufficient", "unstable"):
        return "Not to be named."
    return "Found again." if row["quality"] == "stable" or row["recovery"] >= FOUND_AGAIN else "Not found again often enough."

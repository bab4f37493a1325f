"""Adoption: which features are used, by how many of all users, and by whom more than by others."""

from __future__ import annotations

from . import wording
from .html import behind, card, section, sentences, table
from .source import Marts


def written(marts: Marts, label: dict[str, str]) -> str:
    """Which features are used in 28 days, by how many of all users, and which segment uses each far more than the others."""
    rows = marts.rows(
        """
        select feature, segment, n, baseline_n, adopters_28d, baseline_adopters_28d,
            mean, baseline_mean, difference, q_value, is_circular,
            {withheld:segment_feature_adoption} as is_withheld
        from marts.segment_feature_adoption
        where baseline = 'rest'
        order by feature, segment
        """
    )
    if not rows:
        return ""
    totals: dict[str, tuple[int, int]] = {}
    for row in rows:
        if all(row[name] is not None for name in ("n", "baseline_n", "adopters_28d", "baseline_adopters_28d")):
            totals.setdefault(row["feature"], (row["adopters_28d"] + row["baseline_adopters_28d"], row["n"] + row["baseline_n"]))
    ranked = sorted(totals, key=lambda name: (-totals[name][0], name))
    if not ranked:
        return ""
    top, least = ranked[0], ranked[-1]
    found = [
        f"{wording.words(top)} is used most: by {totals[top][0]:,} of {totals[top][1]:,} users in 28 days "
        f"({wording.percent(totals[top][0] / totals[top][1])}). "
        f"{wording.words(least)} is used least: {totals[least][0]:,} users ({wording.percent(totals[least][0] / totals[least][1])})."
    ]
    sure = [row for row in rows if row["q_value"] is not None and row["q_value"] <= 0.05 and not row["is_circular"] and row["difference"]]
    if sure:
        row = max(sure, key=lambda row: (abs(row["difference"]), row["segment"], row["feature"]))
        found.append(
            f"The largest difference between a segment and the others that chance does not explain: {wording.words(row['feature']).lower()} "
            f"by {label.get(row['segment'], row['segment'])}, {wording.percent(row['mean'])} against {wording.percent(row['baseline_mean'])}."
        )
    listed = table(
        ("Feature", "Users in 28 days", "Share of all users"),
        [(wording.words(name), f"{totals[name][0]:,}", wording.percent(totals[name][0] / totals[name][1])) for name in ranked],
        "Adoption of the features",
    )
    further = behind(
        "By segment, against everybody else",
        table(
            ("Feature", "Segment |", "Share", "Everybody else", "Difference", "q"),
            [
                (
                    wording.words(row["feature"]),
                    label.get(row["segment"]) or row["segment"],
                    wording.percent(row["mean"], withheld=row["is_withheld"]),
                    wording.percent(row["baseline_mean"], withheld=row["is_withheld"]),
                    wording.Unit("share").difference(row["difference"]),
                    "by definition" if row["is_circular"] else wording.q_value(row["q_value"]),
                )
                for row in rows
            ],
            "Adoption by segment",
        ),
    )
    return section("adoption", "Adoption", card(sentences(found) + listed + further))

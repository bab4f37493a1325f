"""What experiments and campaigns changed, by segment, and where nothing may be claimed."""

from __future__ import annotations

from typing import Any

from . import wording
from .comparisons import QUALITY_NOTES, SIGNIFICANT_Q, SURE, linear_scale
from .packing import packed
from .source import Marts, Row

COLUMNS = (
    "experiment",
    "segment",
    "metric",
    "value",
    "lower",
    "upper",
    "state",
    "effect",
    "interval",
    "mean",
    "rest",
    "n",
    "q",
    "other",
    "note",
)
SHARE, AMOUNT = wording.Unit("share of users"), wording.Unit("per user")
NO_CLAIM = {
    "no_control": "The experiment lacks a control, so nothing is claimed.",
    "one_variant": "Only one variant was seen, so nothing can be compared or claimed.",
}
MISMATCH = "sample-ratio mismatch: do not use"
FEW_ACCOUNTS = "not enough accounts for a claim"


def read_experiments(marts: Marts) -> list[Row]:
    """Each variant against its control, by segment and metric."""
    return marts.rows(
        """
        select experiment, variant, control_variant, segment, metric, metric_kind, role, direction, margin, non_inferiority, evidence,
            randomization_unit, interference, quality,
            n, baseline_n, mean, baseline_mean, difference, difference_lower, difference_upper, q_value, smallest_detectable_difference,
            interaction_q_value, shrunken_difference, sample_ratio_p_value, heterogeneity_p_value, is_sample_ratio_mismatch,
            is_reversed, {withheld:experiment_results} as is_withheld
        from marts.experiment_results
        order by experiment, variant, metric, segment <> '__all__', segment
        """
    )


def experiments(rows: list[Row]) -> dict[str, Any] | None:
    """The rows with texts and positions, and what is to be said of each experiment before anything else."""
    if not rows:
        return None
    found: list[dict[str, Any]] = []
    entries: dict[str, dict[str, Any]] = {}
    for row in rows:
        key = f"{row['experiment']} / {row['variant']}"
        entry = entries.setdefault(
            key,
            {
                "id": key,
                "label": f"{wording.words(row['experiment'])}: {wording.words(row['variant']).lower()} against "
                f"{wording.words(row['control_variant']).lower() if row['control_variant'] else 'nothing'}",
                "warnings": [],
                "metrics": [],
            },
        )
        if row["segment"] == "__all__" and not entry["metrics"]:
            entry["warnings"] = experiment_warnings(row)
        if row["metric"] not in [metric["id"] for metric in entry["metrics"]]:
            entry["metrics"].append(
                {"id": row["metric"], "label": wording.words(row["metric"]), "isShare": row["metric_kind"] == "binary", "conclusion": ""}
            )
        if row["segment"] == "__all__":
            entry["metrics"][-1]["conclusion"] = conclusion(row)
        if row["segment"] != "__no_history__":
            found.append(drawn(key, row))
    for key, entry in entries.items():
        for metric in entry["metrics"]:
            metric.update(linear_scale([row for row in found if row["experiment"] == key and row["metric"] == metric["id"]]))
    return {"experiments": list(entries.values()), "rows": packed(COLUMNS, found)}


def experiment_warnings(overall: Row) -> list[str]:
    """Why an experiment must not be read, or only with care; from its row of all users."""
    found = []
    if overall["evidence"] in NO_CLAIM:
        found.append(NO_CLAIM[overall["evidence"]])
    if overall["is_sample_ratio_mismatch"]:
        found.append(
            f"Sample-ratio mismatch (p {wording.q_value(overall['sample_ratio_p_value'])}): the variants did not get their planned shares of users. "
            "Do not use these results; look for the fault in the assignment."
        )
    if overall.get("interference") == "high":
        found.append(
            "More than a tenth of the users have a colleague in another variant, who may have passed it on: "
            "the effect on a whole account may be larger."
        )
    if overall.get("randomization_unit") == "account":
        found.append("Accounts were assigned, so intervals and q count accounts, not users.")
    return found


def conclusion(row: Row) -> str:
    """What an experiment says over all users, in one sentence; no more than its design allows."""
    unit = SHARE if row["metric_kind"] == "binary" else AMOUNT
    if row["evidence"] in NO_CLAIM or row["is_sample_ratio_mismatch"]:
        return "No conclusion."
    if row["difference"] is None or row["difference_lower"] is None:
        return "The counts are withheld." if row["is_withheld"] else "Too few users to say anything."
    means = f"{unit.value(row['mean'])} with {wording.words(row['variant']).lower()}, {unit.value(row['baseline_mean'])} without"
    if row["q_value"] is not None and row["q_value"] <= SIGNIFICANT_Q:
        text = f"The effect over all users is {unit.difference(row['difference'])} ({between(unit, row)}): {means}."
    else:
        text = f"Any effect over all users could be chance: {unit.difference(row['difference'])} ({between(unit, row)}), {means}."
        if row["smallest_detectable_difference"] is not None:
            least = unit.difference(abs(row["smallest_detectable_difference"])).lstrip("+")
            text += f" One of less than {least} would easily have been missed."
    if row.get("role") == "guardrail":
        kept = row["non_inferiority"] == "non_inferior"
        text += (
            f" As a guardrail it {'did not get' if kept else 'is not shown not to get'} worse by {wording.percent(row['margin'])} or more."
        )
    if row["heterogeneity_p_value"] is not None and row["heterogeneity_p_value"] > SIGNIFICANT_Q:
        text += " It does not appear to differ between the lifecycle segments."
    elif row["heterogeneity_p_value"] is not None:
        text += " It differs between the lifecycle segments by more than chance."
    return text


def between(unit: wording.Unit, row: Row) -> str:
    """The interval of an effect."""
    return wording.between(unit.difference, row["difference_lower"], row["difference_upper"])


def drawn(key: str, row: Row) -> dict[str, Any]:
    """One effect: where its point and interval lie, and what is said of it."""
    unit = SHARE if row["metric_kind"] == "binary" else AMOUNT
    withheld, is_void = row["is_withheld"], bool(row["is_sample_ratio_mismatch"])
    is_sure = not is_void and row["q_value"] is not None and row["q_value"] <= SIGNIFICANT_Q
    notes = [QUALITY_NOTES[row["quality"]]] if row["quality"] in QUALITY_NOTES else []
    if row["quality"] == "small_n" and row.get("randomization_unit") == "account":
        notes = [FEW_ACCOUNTS]
    notes += [MISMATCH] if is_void else []
    has_nothing = withheld and row["difference"] is None
    return {
        "experiment": key,
        "segment": row["segment"],
        "metric": row["metric"],
        **{
            name: unit.scaled(row[column])
            for name, column in (("value", "difference"), ("lower", "difference_lower"), ("upper", "difference_upper"))
        },
        "state": "none" if not is_sure else "better" if (row["difference"] > 0) == (row.get("direction") != "down") else "worse",
        "effect": wording.WITHHELD if has_nothing else unit.difference(row["difference"]),
        "interval": wording.WITHHELD if has_nothing else between(unit, row),
        "mean": unit.value(row["mean"], withheld),
        "rest": unit.value(row["baseline_mean"], withheld),
        "n": f"{wording.number(row['n'], 0, withheld=withheld)} and {wording.number(row['baseline_n'], 0, withheld=withheld)}",
        "q": wording.q_value(row["q_value"]),
        "other": wording.q_value(row["interaction_q_value"]),
        "note": "; ".join(notes) or wording.NOTHING,
        "is_sure": row["quality"] in SURE,
    }


def campaigns(marts: Marts) -> list[dict[str, str]]:
    """Each campaign over all users: what became of its messages, and its effect if somebody was held out."""
    rows = marts.rows(
        """
        select campaign, evidence, n, baseline_n, delivered_share, opened_share, clicked_share, mean, baseline_mean, difference,
            difference_lower, difference_upper, q_value, {withheld:campaign_results} as is_withheld
        from marts.campaign_results where segment = '__all__' order by campaign
        """
    )
    found = []
    for row in rows:
        withheld = row["is_withheld"]
        if row["evidence"] != "holdout":
            claim = "Without a holdout, nothing is claimed: it is unknown how many would have converted anyway."
        elif row["difference"] is None or row["difference_lower"] is None:
            claim = "The counts are withheld." if withheld else "Too few users to say anything."
        else:
            is_sure = row["q_value"] is not None and row["q_value"] <= SIGNIFICANT_Q
            effect = f"{SHARE.difference(row['difference'])} ({between(SHARE, row)})"
            claim = (
                f"Effect of being sent it: {effect} against the holdout."
                if is_sure
                else f"Any effect could be chance: {effect} against the holdout."
            )
        found.append(
            {
                "campaign": wording.words(row["campaign"]),
                "users": wording.number(row["n"], 0, withheld=withheld),
                "holdout": wording.number(row["baseline_n"], 0, withheld=withheld),
                **{name: wording.percent(row[f"{name}_share"], withheld=withheld) for name in ("delivered", "opened", "clicked")},
                "converted": wording.percent(row["mean"], withheld=withheld),
                "rest": wording.percent(row["baseline_mean"], withheld=withheld),
                "claim": claim,
            }
        )
    return found

"""What the contract makes of the rows of an input, in plain Python: written from docs/your-data.md, for test_contract.py.

Texts only: the forms of times, numbers and booleans have tests of their own, so the rows here hold plain ones or none at all.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

from oracle.forms_oracle import json_object

EDGE = {"Zs", "Zl", "Zp", "Cc", "Cf"}
LABELS = {
    ("survey_responses", "instrument"): {"nps", "csat", "ces", "attribute"},
    ("account_technologies", "category"): {"crm", "marketing_automation", "back_office", "database"},
}
SCALES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
RANGES = {
    ("accounts", "employee_count"): (0, 10_000_000),
    ("accounts", "annual_revenue"): (0, None),
    ("subscriptions", "seats"): (0, 1_000_000_000),
    ("subscriptions", "mrr"): (0, None),
    ("support_tickets", "satisfaction"): (1, 5),
    ("marketing_spend", "amount"): (0, None),
}
NUMBERS = {"integer", "money", "double"}


def trimmed(text: str | None) -> str | None:
    """Without white space, control and format characters at both ends; None if nothing is left."""
    text = text or ""
    while text and unicodedata.category(text[0]) in EDGE:
        text = text[1:]
    while text and unicodedata.category(text[-1]) in EDGE:
        text = text[:-1]
    return text or None


def number(text: str, kind: str) -> Decimal | None:
    """A plain number, exact as its type."""
    try:
        value = Decimal(text)
    except ArithmeticError:
        return None
    return None if not value.is_finite() or kind == "integer" and value % 1 else value


def is_legal(name: str, column: str, value: Any, row: dict[str, Any]) -> bool:
    if (name, column) in LABELS:
        return value in LABELS[name, column]
    if (name, column) == ("users", "birth_year"):
        return row["signed_up_at"] is None or 1900 <= value <= int(row["signed_up_at"][:4])
    low, high = (
        SCALES.get((row["instrument"] or "").lower(), (None, None))
        if (name, column) == ("survey_responses", "score")
        else RANGES.get((name, column), (None, None))
    )
    return (low is None or value >= low) and (high is None or value <= high)


def judged(name: str, entry: dict, raw: dict[str, str | None], placeholders: set[str]) -> tuple[dict[str, Any], dict[str, str], bool]:
    """The values of a row, what of them is of no use (column -> reason), and whether the row is rejected for that."""
    texts = {column: trimmed(raw[column]) for column in entry["columns"]}
    if name == "survey_responses" and texts["score"] is None and (texts["instrument"] or "").lower() in SCALES:
        texts["score"] = texts["answer"]
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for column, kind in entry["columns"].items():
        text = value = texts[column]
        if text is None:
            values[column] = None
            continue
        if kind == "text" and column.endswith("_id") and text.lower() in placeholders:
            value, problems[column] = None, "placeholder_id"
        elif kind in NUMBERS:
            value = number(text, kind)
            if value is None:
                problems[column] = "unreadable"
        elif kind == "boolean":
            value = {"true": True, "false": False}.get(text)
            if value is None:
                problems[column] = "unreadable"
        elif kind == "json":
            value = text if json_object(text) is not None else None
            if value is None and raw[column] not in ("null", "[]"):
                problems[column] = "unreadable"
        elif kind in ("label", "country"):
            value = text.lower() if kind == "label" else text.upper()
        if value is not None and not is_legal(name, column, value, texts):
            problems[column] = "unknown_label" if kind == "label" else "out_of_range"
            value = value if column in entry["key"] else None
        values[column] = value
    required = [*entry["key"], *entry.get("required", [])]
    is_rejected = any(values[column] is None for column in required)
    if "one_of" in entry:
        is_rejected = is_rejected or all(values[column] is None for column in entry["one_of"])
    if name == "attribute_history":
        is_rejected = is_rejected or not attribute_is_legal(entry, values, placeholders)
    return values, problems, is_rejected


def attribute_is_legal(entry: dict, values: dict[str, Any], placeholders: set[str]) -> bool:
    name, value = values["attribute"], values["value"]
    if name not in entry["attributes"].get(values["entity"], []):
        return False
    if value is None:
        return True
    if name == "account_id":
        return value.lower() not in placeholders
    if name in ("birth_year", "employee_count", "annual_revenue"):
        read = number(value, "double" if name == "annual_revenue" else "integer")
        low, high = (1900, int(values["valid_from"][:4])) if name == "birth_year" else RANGES["accounts", name]
        return read is not None and read >= low and (high is None or read <= high)
    return True


def outcome(name: str, entry: dict, rows: list[dict[str, str | None]], placeholders: set[str]) -> dict[str, Any]:
    """What is to be seen of an input: the rows used, how many are duplicates and conflicts, and the values that are listed."""
    usable: dict[tuple, list[tuple[dict, dict]]] = defaultdict(list)
    rejected = 0
    for raw in rows:
        values, problems, is_rejected = judged(name, entry, raw, placeholders)
        if is_rejected:
            rejected += 1
        else:
            usable[tuple(values[column] for column in entry["key"])].append((values, problems))
    used, conflicts, duplicates = [], 0, 0
    for copies in usable.values():

        def content(values: dict) -> tuple:
            return tuple(value for column, value in values.items() if column not in entry.get("arrival", []))

        if "first_by" in entry:
            first = min(values["received_at"] or values["occurred_at"] for values, _ in copies)
            best = [values for values, _ in copies if (values["received_at"] or values["occurred_at"]) == first]
        else:
            newest = max(values["updated_at"] or "" for values, _ in copies)
            best = [values for values, _ in copies if (values["updated_at"] or "") == newest]
        counts = Counter(content(values) for values in best)
        most = max(counts.values())
        candidates = [one for one, count in counts.items() if count == most]
        # Of events each other content is a conflict, whenever it came; else only what is as new as the row that is used.
        others = {content(values) for values, _ in copies} if "first_by" in entry else set(counts)
        conflicts += len(others) - 1
        duplicates += len(copies) - len(others)
        used.append((candidates, [problems for values, problems in copies if content(values) in candidates]))
    return {"rejected": rejected, "conflicts": conflicts, "duplicates": duplicates, "used": used}

"""What a group can be made of: a condition on one feature each, as SQL, as words and as the users who meet it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

# Where a number is cut: shares of the users who have one. Many numbers get fewer bounds each, or pairs would be too many.
FINE = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
COARSE = (0.1, 0.25, 0.5, 0.75, 0.9)
FEW_NUMBERS = 6
# Texts with more values than this are names or free text, and no trait.
MOST_VALUES = 30


@dataclass(frozen=True)
class Condition:
    """A criterion on one feature. `users` says who meets it; NULL does not."""

    name: str
    sql: str
    words: str
    feature: str
    users: Array


def conditions_of(features: Mapping[str, Array], smallest: float) -> list[Condition]:
    """The conditions on the features, in their order. `smallest`: the share of users that a condition and its opposite have at least."""
    found: list[Condition] = []
    quantiles = FINE if sum(values.dtype.kind in "iuf" for values in features.values()) <= FEW_NUMBERS else COARSE
    for feature, values in features.items():
        if values.dtype.kind == "b":
            made = [Condition(f"is_{feature.removeprefix('is_')}", feature, _spoken(feature), feature, values)]
        elif values.dtype.kind in "iuf":
            made = _of_number(feature, values.astype(float), quantiles)
        else:
            made = _of_text(feature, values)
        kept: list[Condition] = []
        for condition in made:
            share = condition.users.mean() if len(condition.users) else 0.0
            if smallest <= share <= 1 - smallest and not any(np.array_equal(condition.users, other.users) for other in kept):
                kept.append(condition)
        found += kept
    return found


def _of_text(feature: str, values: Array) -> list[Condition]:
    known = sorted({str(value) for value in values if value is not None})
    if len(known) > MOST_VALUES:
        return []
    return [
        Condition(
            f"{feature}_is_{snake(value)}",
            f"{feature} = '{value.replace(chr(39), chr(39) * 2)}'",
            f"{_spoken(feature)} is {value}",
            feature,
            np.array([other is not None and str(other) == value for other in values]),
        )
        for value in known
        # A brace is code to dbt, a backslash or a line break is not for a text in SQL.
        if snake(value) and not re.search(r"[{}\\\n]", value)
    ]


def _of_number(feature: str, values: Array, quantiles: tuple[float, ...]) -> list[Condition]:
    known = values[~np.isnan(values)]
    found = []
    for cut in sorted({rounded(float(np.quantile(known, quantile))) for quantile in quantiles}) if len(known) else []:
        text = number(cut)
        label = re.sub(r"\W+", "_", text.replace("-", "minus_"))
        with np.errstate(invalid="ignore"):
            found += [
                Condition(
                    f"{feature}_at_least_{label}", f"{feature} >= {text}", f"{_spoken(feature)} is {text} or more", feature, values >= cut
                ),
                Condition(f"{feature}_below_{label}", f"{feature} < {text}", f"{_spoken(feature)} is below {text}", feature, values < cut),
            ]
    return found


def rounded(value: float) -> float:
    """A bound that people can read: two digits, and nothing after the point from 10 on."""
    if value == 0 or not math.isfinite(value):
        return 0.0
    return float(round(value, 1 - math.floor(math.log10(abs(value)))))


def number(value: float) -> str:
    """A bound as SQL reads it."""
    return str(int(value)) if value == int(value) else repr(value)


def snake(value: str) -> str:
    """A text as part of a name."""
    return re.sub(r"[^a-z0-9]+", "_", value.lower()).strip("_")


def _spoken(feature: str) -> str:
    return feature.removeprefix("is_").replace("_", " ")

"""The registries in macros/registries/ as Python lists, without dbt: a list there holds literals, and its rules are pure macros."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, Undefined

from refusal import Refusal

# Where the lists, their rules, and what the rules call are written.
FILES = (
    "macros/registries/features.sql", "macros/registries/_features_problems.sql", "macros/registries/inputs.sql",
    "macros/registries/_inputs_problems.sql", "macros/registries/_segments_problems.sql", "macros/inputs/input_contract.sql",
    "macros/inputs/_survey_scale.sql", "macros/inputs/check_input_columns.sql", "macros/analysis/profile_attributes.sql",
    "macros/analysis/value_bands.sql",
)
# The same for the list of metrics.
METRIC_FILES = (
    "macros/registries/metrics.sql", "macros/registries/_metrics_problems.sql", "macros/segments/_owner_problem.sql",
    "macros/activity/listed_events.sql",
)


class _Answer(Exception):
    """What a macro returns: `return` in a macro ends it."""


def _answered(value: Any) -> None:
    raise _Answer(value)


def _called(macro: Any) -> Any:
    """The macro as a function that returns what the macro does."""
    def call(*arguments: Any, **named: Any) -> Any:
        try:
            return macro(*arguments, **named)
        except _Answer as answer:
            return answer.args[0]

    return call


def macros_of(root: Path, files: tuple[str, ...], variables: dict[str, Any] | None = None) -> dict[str, Any]:
    """The macros of some files by name; each sees the others as `segmentation.<name>`, and only the variables that are given."""
    given = variables or {}
    found: dict[str, Any] = {}
    context = {
        "segmentation": found, "return": _answered, "modules": {"re": re},
        "var": lambda name, default=None: given.get(name, default),
        "tojson": lambda value: json.dumps(None if isinstance(value, Undefined) else value),
    }
    environment = Environment(extensions=["jinja2.ext.do"])
    for file in files:
        text = (root / file).read_text(encoding="utf-8")
        # Jinja keeps names that begin with _ to itself.
        names = re.findall(r"{%-? macro (\w+)\(", text)
        exports = "".join(f"{{% set exported_{name} = {name} %}}" for name in names)
        module = environment.from_string(text + exports).make_module(context)
        found.update({name: _called(getattr(module, f"exported_{name}")) for name in names})
    return found


def loaded_features(root: Path) -> list[dict[str, Any]]:
    """The list of features, checked by the rules that stop `dbt parse` too."""
    macros = macros_of(root, FILES)
    entries = macros["default__features"]()
    problems = macros["_features_problems"](entries)
    if problems:
        raise Refusal("\n    ".join(problems))
    return entries


def loaded_metrics(root: Path) -> list[dict[str, Any]]:
    """The list of metrics, checked by the rules that stop `dbt parse` too; as of a project that has not listed any events."""
    macros = macros_of(root, METRIC_FILES, {"events": []})
    entries = macros["default__metrics"]()
    problems = macros["_metrics_problems"](entries)
    if problems:
        raise Refusal("\n    ".join(problems))
    return entries

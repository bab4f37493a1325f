"""The registries in macros/registries/ and the input contract as Python values, without dbt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from refusal import Refusal
from render_macros import loaded_macros, macro_texts

# What the registries' rules call, beyond macros/registries/ itself.
FILES = (
    "macros/inputs/input_contract.sql",
    "macros/inputs/_survey_scale.sql",
    "macros/inputs/check_input_columns.sql",
    "macros/analysis/profile_attributes.sql",
    "macros/analysis/value_bands.sql",
    "macros/activity/core_events.sql",
    "macros/activity/listed_events.sql",
    "macros/activity/_is_date.sql",
    "macros/metrics/top_two_from.sql",
    "macros/north_star/north_star_metric.sql",
    "macros/segments/_owner_problem.sql",
    "macros/segments/criterion/_argument_problems.sql",
    "macros/audiences/audiences.sql",
    "macros/audiences/audience_destinations.sql",
    "macros/impact/_chosen_roles_problems.sql",
    "macros/impact/experiment_metrics.sql",
)


def texts_of(root: Path) -> dict[str, str]:
    """The files of the registries and of what their rules call, by their path in the project."""
    return macro_texts(root, "macros/registries") | {file: (root / file).read_text(encoding="utf-8") for file in FILES}


def macros_of(root: Path, variables: dict[str, Any] | None = None, project: str = "segmentation") -> dict[str, Any]:
    """The macros in those files by name. `variables`: what a project sets; else the defaults hold. `project`: its name."""
    return loaded_macros(texts_of(root), variables or {}, project=project)


def loaded_features(root: Path) -> list[dict[str, Any]]:
    """The list of features, checked by the rules that stop `dbt parse` too."""
    macros = macros_of(root)
    entries = macros["features"]()
    problems = macros["_features_problems"](entries)
    if problems:
        raise Refusal("\n    ".join(problems))
    return entries


def loaded_metrics(root: Path) -> list[dict[str, Any]]:
    """The list of metrics, checked by the rules that stop `dbt parse` too; as of a project that has not listed any events."""
    macros = macros_of(root, {"events": []})
    entries = macros["default__metrics"]()
    problems = macros["_metrics_problems"](entries)
    if problems:
        raise Refusal("\n    ".join(problems))
    return entries


def set_variables(root: Path) -> dict[str, Any]:
    """What dbt_project.yml sets under `vars:`, where this project is the one that is built: the sample's values too."""
    given = dict((yaml.safe_load((root / "dbt_project.yml").read_text(encoding="utf-8")) or {}).get("vars") or {})
    return given.pop("sample", {}) | given


def project_variables(root: Path) -> dict[str, Any]:
    """Every variable with the value that dbt_project.yml gives it, or else its default."""
    return {entry["name"]: entry["default"] for entry in macros_of(root)["variables"]()} | set_variables(root)

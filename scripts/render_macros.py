"""Macros rendered by dbt's own Jinja environment, but not through dbt, which would take some seconds per call.

    macros = loaded_macros(macro_texts(ROOT), variables={"confidence_level": 0.95})
    macros["wilson_bound"]("successes", "n", "lower")

Tests of macros and the generators of what is derived from the registries use it.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from dbt_common.clients.jinja import get_environment
from dbt_common.exceptions.macros import MacroReturn

# The schema of every relation that a segment reads, other than segments.
SCHEMAS = {
    "user_features": "features",
    "attribute_changes": "features",
    "user_event_days": "activity",
    "user_events": "activity",
    "as_of_dates": "activity",
    "stg_users": "staging",
    "stg_accounts": "staging",
}


def macro_texts(project: Path, folder: str = "macros") -> dict[str, str]:
    """The files of a project's macros by their path in it."""
    return {str(path.relative_to(project)): path.read_text(encoding="utf-8") for path in sorted((project / folder).rglob("*.sql"))}


def loaded_macros(
    texts: dict[str, str],
    variables: dict[str, Any],
    segment: str = "",
    nodes: dict[str, Any] | None = None,
    project: str = "segmentation",
    more: dict[str, Any] | None = None,
    engine: str = "duckdb",
) -> dict[str, Any]:
    """The macros of the given files by name, with the rest of the context of one model. `nodes`: those of dbt's graph by id.

    `project`: the name of the project that is built. `more`: what else the context holds, or holds instead. `engine`: whose SQL
    the macros write, duckdb or spark.
    """
    found: dict[str, Callable] = {}
    context: dict[str, Any] = {
        "segmentation": dict(),
        "segmentation_connectors": dict(),
        "model": dict(name=segment, config=dict(enabled=True), original_file_path=""),
        "dbt": dict(
            string_literal=lambda value: f"'{value}'",
            escape_single_quotes=lambda value: value.replace("'", "''"),
            type_string=lambda: "varchar" if engine == "duckdb" else "string",
            date_trunc=lambda part, date: f"date_trunc('{part}', {date})",
        ),
        "target": dict(database="warehouse", type=engine),
        "project_name": project,
        "config": lambda **_: "",
        "execute": True,
        "graph": dict(nodes={} if nodes is None else nodes),
        "adapter": dict(),
        "var": lambda name, default=None: variables.get(name, default),
        "return": returned,
        "local_md5": lambda text: hashlib.md5(text.encode()).hexdigest(),
        "ref": lambda name: f"{SCHEMAS.get(name, 'segments')}.{name}",
        "tojson": lambda value, sort_keys=False: json.dumps(value, sort_keys=sort_keys),
        "modules": dict(re=re, datetime=datetime),
        "exceptions": dict(raise_compiler_error=refused),
    } | (more or {})
    context["adapter"]["dispatch"] = lambda name, package: found.get(f"{engine}__{name}") or found[f"default__{name}"]
    for text in texts.values():
        module = template_of(text).make_module(context)
        for name, macro in vars(module).items():
            if name.startswith("dbt_macro__"):
                found[name.removeprefix("dbt_macro__")] = callable_macro(macro)
    for package in ("segmentation", "segmentation_connectors"):
        context[package].update(found)
    return context | found


def rendered(text: str, context: dict[str, Any]) -> str:
    """A template in the context of loaded_macros()."""
    return template_of(text).render(context)


@cache
def template_of(text: str) -> Any:
    """The template of a text, compiled once: most of the time of loading all macros."""
    return environment().from_string(text)


@cache
def environment() -> Any:
    """dbt's environment of Jinja."""
    return get_environment(None, capture_macros=False)


def returned(value: Any) -> None:
    raise MacroReturn(value)


def refused(message: str) -> None:
    raise ValueError(message)


def callable_macro(macro: Callable) -> Callable:
    def called(*positional: Any, **named: Any) -> Any:
        try:
            return macro(*positional, **named)
        except MacroReturn as end:
            return end.value

    return called

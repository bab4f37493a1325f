"""The models of connectors/ on files and tables that a test wrote: rendered by dbt's Jinja and run in DuckDB, without dbt.

tools = ConnectorModels(folder, {"mixpanel": {"export": f"{folder}/*.jsonl"}})
tools.rows("connected_events")
"""

from __future__ import annotations

import functools
from types import SimpleNamespace
from typing import Any

import duckdb

from registries import texts_of
from render_macros import loaded_macros, macro_texts, rendered
from warehouse import ROOT

CONNECTORS = ROOT / "connectors"


class _State:
    """What the macros' context reads: one context for all tests, since reading the macros takes longer than most of them."""

    variables: dict[str, Any] = {}
    models: ConnectorModels


@functools.cache
def macros() -> dict[str, Any]:
    """The macros of the connectors, and of the core what they call."""
    texts = texts_of(ROOT) | macro_texts(CONNECTORS)
    for folder in ("cross_db", "features", "inputs"):
        texts |= macro_texts(ROOT, f"macros/{folder}")

    def run_query(sql: str) -> SimpleNamespace:
        return SimpleNamespace(rows=_State.models.connection.execute(sql).fetchall())

    def relation(name: str) -> str:
        return _State.models.relation(name)

    def config(**given: Any) -> str:
        return _State.models.configured(**given)

    more = {"ref": relation, "source": "{}.{}".format, "run_query": run_query, "config": config}
    return loaded_macros(texts, _State.variables, more=more)


class ConnectorModels:
    """A database in memory with what a test lands, and the models that are asked for."""

    def __init__(self, connectors: dict[str, Any], tables: dict[str, str] | None = None, **variables: Any) -> None:
        """`tables`: relation -> the SELECT that makes it, before anything is read."""
        self.connection = duckdb.connect()
        self.connection.execute("set TimeZone = 'UTC'")
        self.variables = {"connectors": connectors, **variables}
        self.built: dict[str, bool] = {}
        for name, sql in (tables or {}).items():
            if "." in name:
                self.connection.execute(f"create schema if not exists {name.split('.')[0]}")
            self.connection.execute(f"create or replace table {name} as {sql}")

    def configured(self, enabled: bool = True, **_: Any) -> str:
        self.enabled = enabled
        return ""

    def relation(self, name: str) -> str:
        """A model's table, built at the first call; another name is a seed that the test made."""
        paths = list((CONNECTORS / "models").rglob(f"{name}.sql"))
        if not paths:
            return name
        if name not in self.built:
            self.enabled = True
            sql = rendered(paths[0].read_text(encoding="utf-8"), macros())
            assert self.enabled, f"{name} is off"
            self.connection.execute(f'create table "{name}" as {sql}')
            self.built[name] = True
        return name

    def rows(self, model: str, *columns: str, where: str = "true") -> list[dict[str, Any]]:
        """The rows of a model as dicts, in the order of its columns; NULL is left out unless columns are named."""
        self._enter()
        relation = self.relation(model)
        listed = ", ".join(columns) or "*"
        cursor = self.connection.execute(f'select {listed} from "{relation}" where {where} order by all')
        names = [column[0] for column in cursor.description]
        found = [dict(zip(names, row)) for row in cursor.fetchall()]
        return found if columns else [{name: value for name, value in row.items() if value is not None} for row in found]

    def is_on(self, model: str) -> bool:
        """Whether the variable turns the model on."""
        self._enter()
        [path] = list((CONNECTORS / "models").rglob(f"{model}.sql"))
        self.enabled = True
        first = path.read_text(encoding="utf-8").split("\n\n")[0]
        rendered(first, macros())
        return self.enabled

    def _enter(self) -> None:
        _State.models = self
        macros()
        _State.variables.clear()
        _State.variables.update(self.variables)

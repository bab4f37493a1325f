"""Columns of the tools' tables that are new, gone or of another type are told before a model reads them. tests/python/connectors/test_stack.py
has the same in builds."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from connector_models import CONNECTORS
from registries import texts_of
from render_macros import loaded_macros, macro_texts
from warehouse import ROOT

KEY = "connectors: salesforce: contact"


class Tables:
    """The hook's macros on columns that a test makes up, with what they remember and warn of."""

    def __init__(self, changed_columns: str = "report") -> None:
        self.remembered: dict[str, dict[str, str]] = {}
        self.warned: list[str] = []
        self.found: dict[str, list[list[str]]] = {}
        texts = texts_of(ROOT) | macro_texts(CONNECTORS) | macro_texts(ROOT, "macros/cross_db")
        texts["stubs.sql"] = """
            {% macro columns_before(key) %}{{ return(memory.get(key, {})) }}{% endmacro %}
            {% macro remember_columns(key, types) %}{{ return([[key, types]]) }}{% endmacro %}
            {% macro run_statements(statements) %}{% for key, types in statements %}{% do memory.update({key: types}) %}{% endfor %}{% endmacro %}
        """
        for name in [name for name in texts if name.endswith(("columns_before.sql", "remember_columns.sql", "run_statements.sql"))]:
            del texts[name]
        variables = {
            "changed_columns": changed_columns,
            "connectors": {
                "salesforce": {"contact": "raw.contact", "account": "accounts_seed"},
                # JSON would be asked for in the database; `true` is a word, and no place.
                "amplitude": {"events": "https://example.com/export.json.gz", "users": True},
            },
        }
        self.context = loaded_macros(
            texts,
            variables,
            more={
                "memory": self.remembered,
                "flags": SimpleNamespace(WHICH="build"),
                "ref": lambda name: pytest.fail(f"{name} may not be there yet"),
                "run_query": lambda sql: SimpleNamespace(rows=self.found[sql.rsplit(" ", 1)[-1]]),
            },
        )
        self.context["exceptions"]["warn"] = self.warned.append

    def look(self, **columns: str) -> list[str]:
        """What is warned of when the table of contacts has these columns."""
        self.found["raw.contact"] = [[name, kind] for name, kind in columns.items()]
        self.warned.clear()
        self.context["check_tables"]()
        return list(self.warned)


def test_each_change_is_told_once() -> None:
    tables = Tables()
    assert tables.look(Id="VARCHAR", Title="VARCHAR") == []
    assert tables.remembered == {KEY: {"Id": "VARCHAR", "Title": "VARCHAR"}}
    assert tables.look(Id="VARCHAR", Title="VARCHAR") == []
    changed = [
        f"{KEY}: column `Region__c` is new.",
        f"{KEY}: column `Title` is gone. What was read from it is NULL.",
        f"{KEY}: column `Id` is of type BIGINT; it was VARCHAR.",
    ]
    assert tables.look(Id="BIGINT", Region__c="VARCHAR") == changed
    assert tables.look(Id="BIGINT", Region__c="VARCHAR") == []


def test_what_is_gone_or_another_type_stops_where_it_is_asked_to_and_is_not_accepted_by_that() -> None:
    tables = Tables("stop")
    tables.look(Id="VARCHAR", Title="VARCHAR")
    assert tables.look(Id="VARCHAR", Title="VARCHAR", New="DATE") == [f"{KEY}: column `New` is new."]
    for _ in range(2):
        with pytest.raises(Exception, match="`Title` is gone.*\n.*`Id` is of type INTEGER(.|\n)*changed_columns: report"):
            tables.look(Id="INTEGER", New="DATE")
    assert tables.remembered[KEY] == {"Id": "VARCHAR", "Title": "VARCHAR", "New": "DATE"}


def test_only_builds_look() -> None:
    tables = Tables()
    context: dict[str, Any] = tables.context
    context["flags"].WHICH = "compile"
    assert tables.look(Id="VARCHAR") == [] and tables.remembered == {}

"""The limits of `make shape`, on a small project with one of each mistake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import shape
from checking.macros import crowded_files, macros_in, unseen_macros, unused_macros

FILES = {
    "macros/used/share.sql": "{# Two lines. #}\n{% macro share(x) -%}\n    {{ segmentation._part(x) }}\n{%- endmacro %}\n{% macro _part(x) %}1{% endmacro %}\n",
    "macros/used/listed.sql": "{% macro listed() %}{{ return(adapter.dispatch('listed', 'segmentation')()) }}{% endmacro %}\n"
    "{% macro default__listed() %}[]{% endmacro %}\n",
    "macros/used/shown.sql": "{% macro shown() %}{% endmacro %}\n{% macro _hidden() %}{% endmacro %}\n",
    "macros/used/as_hook.sql": "{% macro as_hook() %}{% endmacro %}\n",
    "macros/used/as_value.sql": "{% macro as_value() %}{% endmacro %}\n",
    "macros/used/on_request.sql": "{% macro on_request() %}{% endmacro %}\n",
    "macros/dead/alone.sql": "{% macro alone() %}{{ segmentation.alone() }}{# share() #}{% endmacro %}\n",
    "macros/dead/crowd.sql": "{% macro crowd() %}{% endmacro %}\n{% macro second() %}{% endmacro %}\n",
    "models/one.sql": "{{ config(meta={'on_forget': 'on_request'}) }}\nselect {{ segmentation.share('x') }} -- {# alone() #}\n"
    "{% set f = segmentation.as_value %} {{ segmentation.listed() }} {{ segmentation.crowd() }} {{ second() }}\n",
    "dbt_project.yml": 'on-run-end: ["{{ segmentation.as_hook() }}"]\n',
    "docs/page.md": "`dbt run-operation shown` prints it, and `_hidden()` does not count.\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_macros_that_nothing_uses_are_found(project: Path) -> None:
    assert unused_macros(project) == ["macros/dead/alone.sql: alone", "macros/used/shown.sql: _hidden"]


def test_a_macro_is_as_long_as_its_text_and_its_file_holds_one(project: Path) -> None:
    macros = {macro.name: macro for macro in macros_in(project)}
    assert (macros["share"].lines, macros["_part"].lines) == (3, 1)
    assert crowded_files(list(macros.values())) == {"macros/dead/crowd.sql": ["crowd", "second"]}


def test_a_macro_that_dbt_did_not_record_is_found() -> None:
    def node(code: str, *macros: str) -> dict[str, Any]:
        return {
            "resource_type": "model",
            "package_name": "segmentation",
            "name": "one",
            "raw_code": code,
            "depends_on": {"macros": [f"macro.segmentation.{name}" for name in macros]},
        }

    names = {f"macro.segmentation.{name}": {"name": name, "package_name": "segmentation"} for name in ("share", "listed")}
    manifest = {
        "macros": names,
        "nodes": {"a": node("{{ share(1) }} {# listed() #} {{ sum(1) }}", "share"), "b": node("{{ listed() }} listed()")},
    }
    assert unseen_macros(manifest) == (["one: listed"], 1)


def test_an_exception_covers_its_problem_and_nothing_else() -> None:
    assert shape.broken(["a.sql has 400 lines", "b.sql has 400 lines"], {"a.sql has"}) == ["b.sql has 400 lines"]
    assert shape.broken([], {"a.sql has"}) == [
        "EXCEPTIONS of scripts/shape.py lists `a.sql has`, which breaks no limit any more. Remove the line."
    ]


def test_what_is_generated_is_not_written_by_hand() -> None:
    written = shape.hand_written()
    assert "docs/features.md" in written and "docs/marts.md" not in written and "CHANGELOG.md" not in written
    assert "tickets_91d" not in written["models/features/user_features.yml"]


def test_the_registries_are_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert {"mrr", "tickets_91d", "health_score"} <= set(shape.entries("features")) and "nps" in shape.entries("metrics")
    written = {"a.sql": {"nps"}, "b.md": {"nps", "mrr"}, "mrr.yml": set()}
    assert shape.cost(["mrr", "nps"], written) == "2 (median), a quarter at most 2, least 2: mrr in b.md, mrr.yml"


def test_sqlfluff_leaves_out_only_what_is_one_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shape, "ROOT", tmp_path)
    for name, text in {
        "one": """{{ config(pre_hook="{{ segmentation.check('a') }}") }}\n\n{{ segmentation.rows('a', reasons={'b': 'c is null'}) }}\n""",
        "two": "{{ config(materialized='table') }}\n{{ segmentation.rows('a') }}\n{{ segmentation.rows('b') }}\n",
        "more": "{{ config(materialized='table') }}\n{{ segmentation.rows('a') }}\nwhere a\n",
        "kept": "select 1\n",
    }.items():
        (tmp_path / f"{name}.sql").write_text(text, encoding="utf-8")
    (tmp_path / ".sqlfluffignore").write_text("target/\n# why\n*.sql\n!kept.sql\n", encoding="utf-8")
    assert shape.unlinted() == ["more.sql", "two.sql"]

"""scripts/count_reads.py counts as an engine would that computes a CTE anew wherever it is used."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

import count_reads
from warehouse import Warehouse


@pytest.mark.parametrize(
    "sql, reads",
    [
        ("select 1", 0),
        ("select * from s.t", 1),
        ("with a as (select * from s.t) select * from a union all select * from a", 2),
        # Twice in each of three steps.
        (
            "with a as (select * from s.t), b as (select * from a union all select * from a), c as (select * from b, b as other) select * from c, c as other",
            8,
        ),
        ("with a as (select * from s.t where x in (select x from s.u)) select (select max(x) from a) from a", 4),
        # A schema's relation is not the CTE of this name, and an inner CTE hides an outer one.
        ("with t as (select 1) select * from s.t, t", 1),
        ("with a as (select * from s.t, s.u) select * from (with a as (select 1) select * from a), a", 2),
        ("with A as (select * from s.t) select * from a", 1),
        ("with recursive a as (select x from s.t union all select x + 1 from a where x < 9) select * from a", 1),
        ("with unused as (select * from s.t) select 1", 0),
    ],
)
def test_reads_are_counted_with_every_cte_written_out(sql: str, reads: int) -> None:
    assert count_reads.reads_of(sql, duckdb.connect()) == reads


def test_a_model_above_the_limit_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def manifest(**models: str | None) -> int:
        nodes = {
            name: {
                "resource_type": "model",
                "original_file_path": f"models/{name}.sql",
                "compiled_code": sql,
                "config": {"materialized": "table"},
            }
            for name, sql in models.items()
        }
        (tmp_path / "manifest.json").write_text(json.dumps({"nodes": nodes}), encoding="utf-8")
        monkeypatch.setattr("sys.argv", ["count_reads.py", str(tmp_path)])
        return count_reads.main()

    many = "select * from s.t" + " union all select * from s.t" * (count_reads.LIMIT - 1)
    assert manifest(a_few="select 1", at_the_limit=many, not_compiled=None) == 0
    assert manifest(too_many=f"{many} union all select * from s.t", a_few="select 1") == 1
    assert f"models/too_many.sql: reads relations {count_reads.LIMIT + 1} times" in capsys.readouterr().err
    assert manifest(broken="select from where") == 2
    assert manifest(parsed_only=None) == 2
    assert "no compiled SQL" in capsys.readouterr().err


def test_no_model_reads_too_often(sample_warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["count_reads.py", str(sample_warehouse.folder / "target"), "--all"])
    assert count_reads.main() == 0
    assert len(capsys.readouterr().out.splitlines()) > 100


def test_without_a_manifest_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["count_reads.py", str(tmp_path)])
    assert count_reads.main() == 2
    assert "does not exist" in capsys.readouterr().err

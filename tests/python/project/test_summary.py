"""`make build` prints the same for the same data, but for the line that says how long it took."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

import build
from warehouse import Warehouse

# What summary() reads: the columns that it needs, or all.
READ = {
    "marts.users": "as_of_date",
    "features.user_features": "as_of_date",
    "marts.segment_sizes": "*",
    "marts.segments": "*",
    "marts.input_summary": "*",
    "marts.rejected_rows": "*",
    "marts.source_changes": "*",
    "marts.segment_scorecard": "*",
}


@pytest.fixture
def shuffled(sample_warehouse: Warehouse, tmp_path: Path) -> Callable[[int], Path]:
    """A function that writes the tables of the sample's summary in an order of their rows that chance decides."""

    def write(seed: int) -> Path:
        path = tmp_path / str(seed) / "warehouse.duckdb"
        path.parent.mkdir()
        with duckdb.connect(str(path), config={"threads": 1}) as connection:
            connection.execute(f"attach '{sample_warehouse.database}' as sample (read_only); create schema marts; create schema features")
            for table, columns in READ.items():
                rows = f"select {columns}, hash(row_number() over () * {seed}) as place from sample.{table}"
                connection.execute(f"create table {table} as select * exclude (place) from ({rows}) order by place")
            # Three reasons as frequent as each other: which of them are shown?
            connection.execute("delete from marts.rejected_rows where reject_reason <> 'missing_key'")
            for reason in random.Random(seed).sample(["e", "d", "c", "b", "a"], 5):
                connection.execute(
                    f"insert into marts.rejected_rows by name select * replace ('events' as input, '{reason}' as reject_reason) "
                    "from (select * from marts.rejected_rows where reject_reason = 'missing_key' limit 1)"
                )
            connection.execute("delete from marts.rejected_rows where reject_reason = 'missing_key'")
        return path

    return write


def test_the_order_of_rows_does_not_change_the_summary(shuffled: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    summaries = []
    for seed in (1, 2, 3):
        path = shuffled(seed)
        monkeypatch.chdir(path.parent)
        summaries.append(build.summary(path))
    assert "most: events a (1), events b (1), events c (1)" in summaries[0]
    assert summaries[1:] == summaries[:1] * 2


def lines_of(seed: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> list[str]:
    """What a build prints where dbt finishes its nodes in an order and at a speed that chance decides."""
    chance = random.Random(seed)
    now = iter(range(0, 10**9, chance.randrange(1, 9)))

    class Runner:
        def __init__(self, callbacks: list[Callable[[Any], None]]) -> None:
            self.callbacks = callbacks

        def invoke(self, _: list[str]) -> SimpleNamespace:
            for number in chance.sample(range(530), 530):
                for callback in self.callbacks:
                    node = SimpleNamespace(resource_type="model", node_name=f"node_{number}")
                    callback(SimpleNamespace(info=SimpleNamespace(name="NodeFinished"), data=SimpleNamespace(node_info=node)))
                    callback(SimpleNamespace(info=SimpleNamespace(name="NodeStart"), data=None))
            return SimpleNamespace(success=True)

    with monkeypatch.context() as patch:
        patch.setenv("SEGMENTATION_DATABASE", "")
        patch.chdir(tmp_path)
        patch.setattr("dbt.cli.main.dbtRunner", Runner)
        patch.setattr(build.time, "monotonic", lambda: next(now))
        patch.setattr(build, "relax_garbage_collection", lambda: None)
        patch.setattr(build, "summary", lambda _: "the summary")
        patch.setattr(build, "publish", lambda *_: "Published")
        assert build.build(tmp_path / "warehouse.duckdb", tmp_path, []) == 0
    return capsys.readouterr().out.splitlines()


def test_two_builds_print_the_same_but_for_the_line_of_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    first, second = (lines_of(seed, monkeypatch, capsys, tmp_path) for seed in (1, 2))
    assert first[:-1] == second[:-1] and len(first) > 8
    assert re.fullmatch(r"Done in \d+ s; .*warehouse.duckdb has 0.0 MB\.", first[-1]) and first[-1] != second[-1]


def test_a_warehouse_of_nobody_has_a_summary(shuffled: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """As `make new-project` writes it, before anything is filled in."""
    path = shuffled(4)
    monkeypatch.chdir(path.parent)
    with duckdb.connect(str(path)) as connection:
        for table in READ:
            connection.execute(f"delete from {table}")
    said = build.summary(path)
    assert "nobody yet" in said and "None" not in said and "0 of 0 input rows" in said, said

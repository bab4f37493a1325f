"""What sqlfluff is spared in `make lint` changes nothing that it finds."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from run_tool import FORMULAS, REPEATED_BY_METRIC, SORT_OF_METRIC
from warehouse import ROOT

# A list that a rule empties stays as it was for the next rule; another statement is analyzed on its own.
ANALYZED = """
import json
from sqlfluff.core import Linter
from run_tool import analyze_once
analyze_once()
from sqlfluff.utils.analysis import select
tree = Linter(dialect="duckdb").parse_string("with a as (select x as y from t) select a.y, b.z from a inner join b using (k)").tree
one, other = tree.recursive_crawl("select_statement")
dialect = Linter(dialect="duckdb").dialect
first = select.get_select_statement_info(one, dialect)
first.select_targets.clear()
told = [select.get_select_statement_info(part, dialect) for part in (one, other, one)]
print(json.dumps([[len(info.select_targets), [alias.ref_str for alias in info.table_aliases]] for info in told]))
"""


def test_what_a_statement_reads_is_found_once_and_belongs_to_who_asks() -> None:
    process = subprocess.run([sys.executable, "-c", ANALYZED], cwd=ROOT / "scripts", capture_output=True, text=True, check=True)
    assert json.loads(process.stdout) == [[1, ["t"]], [2, ["a", "b"]], [1, ["t"]]]


@pytest.mark.parametrize("model", REPEATED_BY_METRIC)
def test_what_is_said_of_a_metric_depends_on_its_sort_alone(model: str) -> None:
    """sqlfluff reads one metric of each sort in these models, so that each branch of their text, and of the macros in it, is read."""
    (path,) = (ROOT / "models").rglob(f"{model}.sql")
    text = path.read_text(encoding="utf-8")
    assert "{%- set metrics = segmentation.metrics() %}" in text
    macros = [path.read_text(encoding="utf-8") for path in (ROOT / "macros").rglob("*.sql")]
    asked: set[str] = set()
    texts, seen = [text], set()
    while texts:
        part = texts.pop()
        asked |= set(re.findall(r"\bmetric\.(\w+)", part))
        for name in set(re.findall(r"segmentation\.(\w+)\(metrics?[,)]", part)) - seen:
            seen.add(name)
            texts.append(next(text for text in macros if f"macro {name}(" in text))
    # Beside its name and its SQL.
    assert asked - {"name", "get", "expression", "numerator", "denominator"} <= set(SORT_OF_METRIC)
    assert len(seen) > 2


def test_what_sqlfluff_reads_in_short_is_a_formula() -> None:
    """One expression of the arguments: what is left of a call are these."""
    for name in FORMULAS:
        text = (ROOT / f"macros/statistics/{name}.sql").read_text(encoding="utf-8")
        assert re.search(rf"\{{% macro {name}\([\w, ]+\)", text), name

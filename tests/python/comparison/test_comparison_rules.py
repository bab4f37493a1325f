"""How far a comparison can be believed, and which rows are corrected together: one rule each, for every mart that tests."""

from __future__ import annotations

import itertools
import re

import duckdb
import numpy as np
import pandas as pd
import pytest
import yaml
from statsmodels.stats.multitest import multipletests

from render_macros import loaded_macros, macro_texts
from warehouse import ROOT

MACROS = loaded_macros(macro_texts(ROOT), {}, "tested")


def rule(n: float, baseline_n: float | None, smallest: float | None, skew: float | None, least: int) -> str:
    """As the doc comment says."""
    sides = [n] if baseline_n is None else [n, baseline_n]
    if min(sides) < least:
        return "insufficient"
    if smallest is not None and smallest < 5:
        return "low_counts"
    if skew is not None and 355 * skew * skew > min(sides):
        return "skewed"
    return "small_n" if min(sides) < 30 else "ok"


@pytest.mark.parametrize("least", [2, 20])
def test_quality_is_the_first_rule_that_applies(least: int) -> None:
    counts = (0, 1, 2, 19, 20, 29, 30, 500)
    rows = pd.DataFrame(  # noqa: F841  DuckDB finds it by its name
        itertools.product(counts, (*counts, None), (None, 0.0, 4.999, 5.0), (None, 0.0, 0.07, 2.0)),
        columns=["n", "baseline_n", "smallest", "skew"],
    ).astype({"n": "float64", "baseline_n": "float64"})
    sql = MACROS["comparison_quality"](
        "n", "baseline_n", smallest_count="smallest", mean_skew="skew * skew / nullif(least(n, baseline_n), 0)", at_least=least
    )
    found = duckdb.sql(f"select n, baseline_n, smallest, skew, {sql} as quality from rows").fetchall()
    assert {row[-1] for row in found} == {"insufficient", "low_counts", "skewed", "small_n", "ok"}
    assert [row for row in found if row[-1] != rule(*row[:-1], least=least)] == []


def test_small_n_counts_the_units_and_a_further_condition_is_insufficient() -> None:
    sql = MACROS["comparison_quality"]("n", "n", insufficient="is_flat", units=["accounts"])
    rows = "values (100, 29, false), (100, 30, false), (100, 30, true), (100, 30, null)"
    found = duckdb.sql(f"select {sql} from ({rows}) as rows (n, accounts, is_flat)").fetchall()
    assert [quality for (quality,) in found] == ["small_n", "ok", "insufficient", "ok"]


@pytest.mark.parametrize("family_wise", [None, "tier = 'guardrail'"])
@pytest.mark.parametrize("by", [[], ["date"]])
def test_only_tests_are_in_families_and_q_is_that_of_statsmodels(by: list[str], family_wise: str | None) -> None:
    chance = np.random.default_rng(7)
    rows = pd.DataFrame(
        {
            "id": range(400),
            "tier": chance.choice(["primary", "guardrail"], 400),
            "date": chance.choice(["a", "b"], 400),
            "is_circular": chance.random(400) < 0.3,
            "p_value": np.where(chance.random(400) < 0.2, np.nan, chance.random(400) ** 3),
        }
    )
    rows["p_value"] = rows["p_value"].astype(object).where(rows["p_value"].notna(), None)
    sql = MACROS["corrected_families"]("rows", "'of ' || tier", "not is_circular", by=by, family_wise_when=family_wise)
    found = duckdb.sql(f"select id, family, family_p_value, q_value from ({sql}) order by id").df()
    tested = ~rows["is_circular"] & rows["p_value"].notna()
    assert (found["family"].notna() == tested).all() and (found["q_value"].notna() == tested).all()
    assert (found["family"][tested] == "of " + rows["tier"][tested]).all()
    for _, family in rows[tested].groupby(["tier", *by]):
        method = "holm" if family_wise and family["tier"].iloc[0] == "guardrail" else "fdr_bh"
        expected = multipletests(family["p_value"].astype(float), method=method)[1]
        np.testing.assert_allclose(found["q_value"][family.index].astype(float), expected, rtol=1e-12)


def test_every_mart_with_a_q_is_held_to_the_rule() -> None:
    """The generic test comparison_columns; and no mart spells the rule out."""
    marts = [
        path
        for path in (ROOT / "models/marts").rglob("*.sql")
        if re.search(r"corrected_families|as q_value", path.read_text(encoding="utf-8"))
    ]
    assert len(marts) == 8
    for path in marts:
        (model,) = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8"))["models"]
        assert "comparison_columns" in model["data_tests"], path.name
        text = path.read_text(encoding="utf-8")
        # The tests before they are corrected.
        tests = {"segment_drivers": "driver_tests", "experiment_results": "experiment_tests"}.get(path.stem, path.stem)
        text += path.with_stem(tests).read_text(encoding="utf-8")
        assert "corrected_families(" in text and "comparison_quality(" in text, path.name
        assert not re.search(r"then 'small_n'", text), path.name

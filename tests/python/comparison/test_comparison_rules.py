"""How far a comparison can be believed, and which rows are corrected together: one rule each, for every mart that tests."""

from __future__ import annotations

import itertools
import re

import duckdb
import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import stats
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
    if min(sides) < 30:
        return "small_n"
    return "skewed" if skew is not None and abs(skew) > 0.35 else "ok"


@pytest.mark.parametrize("least", [2, 20])
def test_quality_is_the_first_rule_that_applies(least: int) -> None:
    counts = (0, 1, 2, 19, 20, 29, 30, 500)
    rows = pd.DataFrame(  # noqa: F841  DuckDB finds it by its name
        itertools.product(counts, (*counts, None), (None, 0.0, 4.999, 5.0), (None, 0.0, 0.34, -0.36, 2.0)),
        columns=["n", "baseline_n", "smallest", "skew"],
    ).astype({"n": "float64", "baseline_n": "float64"})
    sql = MACROS["comparison_quality"]("n", "baseline_n", smallest_count="smallest", sampling_skew="skew", at_least=least)
    found = duckdb.sql(f"select n, baseline_n, smallest, skew, {sql} as quality from rows").fetchall()
    assert {row[-1] for row in found} == {"insufficient", "low_counts", "skewed", "small_n", "ok"}
    assert [row for row in found if row[-1] != rule(*row[:-1], least=least)] == []


def test_small_n_counts_the_units_and_a_further_condition_is_insufficient() -> None:
    sql = MACROS["comparison_quality"]("n", "n", insufficient="is_flat", units=["accounts"])
    rows = "values (100, 19, false), (100, 20, false), (100, 20, true), (100, 20, null)"
    found = duckdb.sql(f"select {sql} from ({rows}) as rows (n, accounts, is_flat)").fetchall()
    assert [quality for (quality,) in found] == ["small_n", "ok", "insufficient", "ok"]


# How far the skewness of what is tested may go: shares of p of random groups.
POPULATIONS = {
    "revenue": lambda chance: np.where(chance.random(2000) < 0.12, chance.lognormal(3, 1.5, 2000), 0.0),
    "minutes": lambda chance: chance.lognormal(3, 1.2, 2000),
    "tickets": lambda chance: chance.poisson(0.4, 2000).astype(float),
    "one in ten": lambda chance: (chance.random(2000) < 0.1).astype(float),
    "uniform": lambda chance: chance.random(2000),
}


@pytest.mark.parametrize("size", [30, pytest.param(100, marks=pytest.mark.long), 600])
@pytest.mark.parametrize("name", POPULATIONS)
def test_p_holds_in_the_far_tail_wherever_quality_is_ok(name: str, size: int) -> None:
    """Users dealt at random: p < 0.001 in about one of a thousand. The normal tail has it in up to six."""
    chance = np.random.default_rng(20261127)
    values = POPULATIONS[name](chance)
    values = np.minimum(values, np.quantile(values, 0.99)) if name in ("revenue", "minutes") else values
    values = values - values.mean()
    draws = 20_000
    means = np.concatenate(
        [values[np.argpartition(chance.random((2000, 2000)), size, axis=1)[:, :size]].mean(axis=1) for _ in range(draws // 2000)]
    )
    rows = pd.DataFrame(  # noqa: F841
        {
            "mean": means,
            "other_mean": -means * size / (2000 - size),
            "n": float(size),
            "others": 2000.0 - size,
            "variance": values.var(ddof=1),
            "values_skew": stats.skew(values),
        }
    )
    z = MACROS["randomization_z"]("mean", "n", "other_mean", "others", "variance")
    skew = MACROS["randomization_skew"]("values_skew", "n", "others")
    scores = ", ".join(
        f"{MACROS['skewed_score'](f'({sign} abs(z))', 'skew')} as {end}" for sign, end in (("", "upper_score"), ("-", "lower_score"))
    )
    found = duckdb.sql(
        f"select {MACROS['two_tails_p']('upper_score', 'lower_score')} as p, {MACROS['normal_two_sided_p']('z')} as normal_p, skew "
        f"from (select *, {scores} from (select {z} as z, {skew} as skew from rows))"
    ).df()
    shares = {level: (found["p"] < level).mean() for level in (0.05, 0.001)}
    print(f"{name} {size}: skewness {found['skew'][0]:.2f}, {shares}; normal {(found['normal_p'] < 0.001).mean():.4f}")
    assert shares[0.05] < 0.05 + 4 * (0.0475 / draws) ** 0.5 + (0.012 if name in ("tickets", "one in ten") else 0)
    # Whole numbers come in steps.
    assert shares[0.001] < 0.002 and (shares[0.001] > 0.0003 or name == "one in ten")
    if abs(found["skew"][0]) > 0.35:
        assert (found["normal_p"] < 0.001).mean() > 0.0015, "nothing to correct"


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
            "quality": chance.choice(["insufficient", "small_n", "low_counts", "skewed", "ok"], 400),
            "p_value": np.where(chance.random(400) < 0.2, np.nan, chance.random(400) ** 3),
        }
    )
    rows["p_value"] = rows["p_value"].astype(object).where(rows["p_value"].notna(), None)
    sql = MACROS["corrected_families"]("rows", "'of ' || tier", "not is_circular", by=by, family_wise_when=family_wise)
    found = duckdb.sql(f"select id, family, family_p_value, q_value from ({sql}) order by id").df()
    tested = ~rows["is_circular"] & rows["p_value"].notna() & rows["quality"].isin(["skewed", "ok"])
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
    assert len(marts) == 12
    for path in marts:
        (model,) = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8"))["models"]
        assert "comparison_columns" in model["data_tests"], path.name
        text = path.read_text(encoding="utf-8")
        # The tests before they are corrected.
        tests = {"segment_drivers": "driver_tests", "experiment_results": "experiment_tests", "segment_findings": "segment_comparison"}.get(
            path.stem, path.stem
        )
        text += path.with_stem(tests).read_text(encoding="utf-8")
        if "compared_shares()" in text:
            text += (ROOT / "macros/comparison/compared_shares.sql").read_text(encoding="utf-8")
        assert "corrected_families(" in text and "comparison_quality(" in text, path.name
        assert not re.search(r"then 'small_n'", text), path.name

"""Every statistics macro against scipy, statsmodels, tea-tasting or numpy, and the messages of their errors.

The claims are in statistics_grid.py. The largest error of each is told at the end of the test run.
"""

from __future__ import annotations

import re
from typing import Any

import duckdb
import pytest

import registries
from mutants.mutate_statistics import MUTANTS
from render_macros import loaded_macros, macro_texts
from statistics_grid import LEVELS, Claim, claims, error_of, grid_connection
from warehouse import ROOT, Warehouse

FOLDER = "macros/statistics"
TEXTS = macro_texts(ROOT, FOLDER) | registries.texts_of(ROOT)
LOADED: dict[str, dict[str, Any]] = {}
MACROS = sorted(path.stem for path in (ROOT / FOLDER).glob("[!_]*.sql"))
LEVEL_RULE = "vars: `confidence_level` must be a number above 0 and below 1, got"
POWER_RULE = "vars: `power` must be a number above 0 and below 1, got"
SIDED = {
    "wilson_bound": ("x", "n"),
    "newcombe_bound": ("x", "n", "x0", "n0"),
    "log_lift_bound": ("m", "e", "m0", "e0"),
    "odds_ratio_bound": ("l", "e"),
    "auc_bound": ("a", "e"),
}
LEVELLED = SIDED | {
    "mean_difference_margin": ("s", "n", "s0", "n0"),
    "smallest_detectable_difference": ("s", "n", "n0"),
    "always_valid_half_width": ("e", "n", 1000),
    "always_valid_p_value": ("z", "n", 1000),
}


def macros_at(variables: dict[str, Any]) -> dict[str, Any]:
    """The macros under given variables."""
    if str(variables) not in LOADED:
        LOADED[str(variables)] = loaded_macros(TEXTS, variables)
    return LOADED[str(variables)]


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    with grid_connection() as opened:
        yield opened


@pytest.mark.parametrize("macro", MACROS)
def test_a_macro_yields_what_its_oracles_yield(macro: str, connection: duckdb.DuckDBPyConnection, record_property: Any) -> None:
    found: list[tuple[Claim, float]] = []
    for claim in claims():
        if claim.macro == macro:
            found.append((claim, error_of(claim, macros_at(claim.variables), connection)))
            record_property("statistics", (macro, claim.about, claim.oracle, found[-1][1]))
    assert found, f"no claim about {macro} in statistics_grid.py"
    wrong = [f"{claim.about}: error {error:.1e}, allowed {claim.limit:.1e}" for claim, error in found if not error <= claim.limit]
    assert not wrong, "\n".join(wrong)


def test_every_error_but_three_is_at_most_1e_9() -> None:
    """Above 100 degrees of freedom the chi-square is an approximation, as are the score of a skewed statistic and the weighted tail."""
    assert [claim.about for claim in claims() if claim.limit > 1e-9] == [
        "|skew| to 1, |z| to 8",
        "|skew| to 1, |z| to 8; NULL in",
        "|skew| to 1, |z| to 8; expressions",
        "df from 101 to 500, absolute",
        "df from 101 to 500, absolute; NULL in",
        "df from 101 to 500, absolute; expressions",
        *(f"to p = {p}, relative{form}" for p in ("0.05", "1e-20") for form in ("", "; NULL in", "; expressions")),
    ]


@pytest.mark.parametrize("macro", SIDED)
@pytest.mark.parametrize("side, told", [("left", '"left"'), ("Lower", '"Lower"'), ("", '""'), (None, "null"), (1, "1")])
def test_another_side_is_an_error(macro: str, side: Any, told: str) -> None:
    with pytest.raises(ValueError) as error:
        macros_at(LEVELS)[macro](*SIDED[macro], side)
    assert str(error.value) == f"{macro}: `side` must be lower or upper, got {told}."


@pytest.mark.parametrize("macro", LEVELLED)
@pytest.mark.parametrize(
    "value, told", [(95, "95"), (0, "0"), (1, "1"), (-0.5, "-0.5"), ("0.95", '"0.95"'), (None, "null"), (True, "true"), ([0.9], "[0.9]")]
)
def test_another_confidence_level_is_an_error(macro: str, value: Any, told: str) -> None:
    arguments = [*LEVELLED[macro], *(["upper"] if macro in SIDED else [])]
    with pytest.raises(ValueError) as error:
        macros_at(LEVELS | {"confidence_level": value})[macro](*arguments)
    assert str(error.value).startswith(f"{LEVEL_RULE} {told}.\n")


@pytest.mark.parametrize("value, told", [(80, "80"), (0, "0"), (1, "1"), ("0.8", '"0.8"'), (None, "null"), (False, "false")])
def test_another_power_is_an_error(value: Any, told: str) -> None:
    with pytest.raises(ValueError) as error:
        macros_at(LEVELS | {"power": value})["smallest_detectable_difference"]("s", "n", "n0")
    assert str(error.value).startswith(f"{POWER_RULE} {told}.\n")


@pytest.mark.parametrize("macro", ["always_valid_half_width", "always_valid_p_value"])
@pytest.mark.parametrize("value, told", [(0, "0"), (-5, "-5"), ("1000", '"1000"'), (None, "null"), (True, "true"), ([9], "[9]")])
def test_other_planned_users_are_an_error(macro: str, value: Any, told: str) -> None:
    with pytest.raises(ValueError) as error:
        macros_at(LEVELS)[macro]("e", "n", value)
    assert str(error.value) == f"{macro}: `planned_users` must be a number above 0, got {told}."


def test_the_size_in_a_doc_comment_is_the_size_of_the_sql() -> None:
    told = 0
    for macro in MACROS:
        sizes = re.findall(r"(\d+(?:\.\d+)?) kB", TEXTS[f"{FOLDER}/{macro}.sql"])
        arguments = {
            "normal_two_sided_p": "z",
            "normal_quantile": "p",
            "student_t_two_sided_p": "t,df",
            "student_t_quantile": "p,df",
            "chi_square_tail": "x,df",
            "weighted_chi_square_tail": "x,df,inequality",
            "mean_difference_margin": "s,n,s0,n0",
        }.get(macro, "")
        if arguments:
            size = len(macros_at(LEVELS)[macro](*arguments.split(","))) / 1000
            assert len(sizes) == 1 and abs(float(sizes[0]) / size - 1) < 0.1, f"{macro}: {sizes} kB told, {size:.1f} kB rendered"
            told += 1
        else:
            assert not sizes, macro
    assert told == 7


def test_the_documents_name_every_macro() -> None:
    formulas = (ROOT / "docs/statistics/formulas.md").read_text(encoding="utf-8")
    named = {name for row in re.findall(r"^\| (`.*?) \|", formulas, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert sorted(named) == MACROS
    assert f"{len(MUTANTS)} of them" in formulas


def test_dbt_runs_what_the_grid_renders(macro_project: Warehouse) -> None:
    """The grid goes around dbt. Here dbt itself renders one call of each and runs it; a wrong level stops it."""
    calls = {
        "normal_two_sided_p": ("0e0",),
        "skewed_score": ("0e0", "0e0"),
        "two_tails_p": ("0e0", "0e0"),
        "randomization_skew": ("1", "5", "5"),
        "normal_quantile": ("5e-1",),
        "student_t_two_sided_p": ("0e0", "3"),
        "student_t_quantile": ("5e-1", "3"),
        "chi_square_tail": ("0e0", "3"),
        "weighted_chi_square_tail": ("4e0", "3", "2e-1"),
        "randomization_z": ("1", "2", "1", "2", "1"),
        "wilson_bound": ("0", "2", "lower"),
        "newcombe_bound": ("1", "2", "1", "2", "lower"),
        "log_lift_bound": ("1", "0", "1", "0", "upper"),
        "mean_difference_margin": ("1", "5", "1", "5"),
        "smallest_detectable_difference": ("1", "5", "5"),
        "cohens_h": ("5e-1", "5e-1"),
        "hedges_g": ("1", "1", "5", "1", "1", "5"),
        "welch_standard_error": ("1", "5", "1", "5"),
        "welch_degrees_of_freedom": ("1", "5", "1", "5"),
        "difference_of_sums": ("1", "1", "1"),
        "standard_deviation_from_sums": ("2", "0", "0"),
        "mean_from_sums": ("1", "2", "1", "9"),
        "design_effect": ("3", "9", "1", "3", "2", "2", "4"),
        "account_pull": ("3", "5"),
        "share_design_effect": ("1", "3", "1", "2", "5"),
        "residual_variance": ("3", "1", "9", "2", "3", "0"),
        "skewness_from_sums": ("4", "1", "1", "1"),
        "satterthwaite_df": ([["1", "5"], ["2", "6"], ["1", "4"]],),
        "odds_ratio_bound": ("0", "1", "lower"),
        "auc_bound": ("5e-1", "1e-1", "upper"),
        "auc_quality": ("70", "10"),
        "always_valid_half_width": ("1", "50", 40),
        "always_valid_p_value": ("3", "50", 40),
    }
    assert (
        sorted([*calls, "mid_rank", "benjamini_hochberg", "holm", "combined_effects", "auc_placements", "auc_summary", "auc_accounts"])
        == MACROS
    )
    columns = ",\n    ".join(
        f"{{{{ segmentation.{macro}({', '.join(repr(argument) for argument in arguments)}) }}}} as {macro}"
        for macro, arguments in calls.items()
    )
    model = macro_project.folder / "models/called.sql"
    model.write_text(
        f"""
        with

        one as (
            select 5e-1 as p, {{{{ segmentation.mid_rank('5e-1', []) }}}} as mid_rank, {columns}
        ),

        two as (
            select 'all' as family, 0e0 as score, 0 as outcome union all select 'all' as family, 1e0 as score, 1 as outcome
        ),

        parts as (
            select *, 1e0 as error from two
        ),

        placed as (
            {{{{ segmentation.auc_placements('two', 'score', 'outcome', []) }}}}
        ),

        judged as (
            select {{{{ segmentation.auc_summary('outcome') }}}} from placed
        ),

        witnesses as (
            {{{{ segmentation.auc_accounts('placed', 'outcome', 'score', []) }}}}
        ),

        combined as (
            {{{{ segmentation.combined_effects('parts', 'score', 'error', ['family']) }}}}
        ),

        corrected as (
            {{{{ segmentation.benjamini_hochberg('one', 'p', [], 'q') }}}}
        ),

        twice_corrected as (
            {{{{ segmentation.holm('corrected', 'p', ['q'], 'family_wise_q') }}}}
        )

        select twice_corrected.*, judged.auc, witnesses.accounts, combined.random_effect
        from twice_corrected cross join judged cross join witnesses cross join combined
    """,
        encoding="utf-8",
    )
    result = macro_project.run("run", "--select", "called")
    assert result, result.output
    row = macro_project.records("select * from called")[0]
    with duckdb.connect() as connection:
        for macro, arguments in calls.items():
            expected = connection.execute(f"select {macros_at(LEVELS)[macro](*arguments)}").fetchone()[0]
            assert row[macro] is not None and row[macro] == pytest.approx(expected, abs=1e-15), macro
    assert (row["mid_rank"], row["q"], row["family_wise_q"], row["auc"], row["accounts"], row["random_effect"]) == (1, 0.5, 0.5, 1, 2, 0.5)
    macro_project.configure(confidence_level=95)
    try:
        result = macro_project.run("parse", "--no-partial-parse")
        assert not result
        assert f"{LEVEL_RULE} 95." in result.output
    finally:
        macro_project.configure(confidence_level=LEVELS["confidence_level"])
        model.unlink()

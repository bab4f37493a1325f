"""What every statistics macro must yield: rows, and the same from scipy, statsmodels, tea-tasting or numpy.

test_statistics.py asserts these claims; tests/mutants/mutate_statistics.py breaks the macros and looks for a claim that fails.
The rows are made up with a fixed seed and hold the edges: nothing, one, no spread, ties, far tails.
"""

from __future__ import annotations

import decimal
import functools
import itertools
import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd
import tea_tasting
from scipy import integrate, special, stats
from scipy.optimize import brentq
from sklearn.metrics import roc_auc_score
from statsmodels.api import OLS
from statsmodels.stats import contingency_tables, meta_analysis, multitest, power, proportion

LEVELS = {"confidence_level": 0.95, "power": 0.8}
OTHER_LEVELS = {"confidence_level": 0.8, "power": 0.99}
EXTREME_LEVELS = {"confidence_level": 0.9999999999999, "power": 0.05}


class Claim(NamedTuple):
    """What a macro yields on some rows. The error is |result − expected| / max(|expected|, floor); NaN stands for NULL."""

    macro: str
    about: str
    oracle: str
    limit: float
    rows: pd.DataFrame
    expected: np.ndarray
    query: Callable[[dict[str, Any]], str]
    floor: float = 1.0
    variables: dict[str, Any] = LEVELS


def grid_connection() -> duckdb.DuckDBPyConnection:
    """A database in memory. NULL sorts first, as on Spark: DuckDB's own order would hide where it is not thought of."""
    return duckdb.connect(config={"threads": 1, "default_null_order": "nulls_first"})


def error_of(claim: Claim, macros: dict[str, Any], connection: duckdb.DuckDBPyConnection) -> float:
    """The largest error; infinite if a NULL is where none should be or the other way round, or if a NaN or infinity comes out."""
    frame = claim.rows.reset_index(drop=True)
    columns = [
        f"case when isnan({name}) then null else {name} end as {name}" if frame[name].dtype == np.float64 else name
        for name in frame.columns
    ]
    connection.register("frame", frame.assign(row=np.arange(len(frame))))
    connection.execute(f"create or replace temporary table grid as select row, {', '.join(columns)} from frame")
    found = connection.execute(f"select row, result from ({claim.query(macros)}) order by row").fetchnumpy()
    result: Any = np.ma.asarray(found["result"]).astype(float)
    empty = np.ma.getmaskarray(result)
    if len(result) != len(claim.expected) or (empty != np.isnan(claim.expected)).any() or not np.isfinite(result.compressed()).all():
        return np.inf
    expected = claim.expected[~empty]
    errors = np.abs(result.compressed() - expected) / np.maximum(np.abs(expected), claim.floor)
    return float(errors.max(initial=0.0))


def scalar(
    macro: str,
    about: str,
    oracle: str,
    limit: float,
    rows: dict[str, Sequence] | pd.DataFrame,
    expected: Sequence,
    arguments: Sequence[str],
    options: Sequence[Any] = (),
    floor: float = 1.0,
    variables: dict[str, Any] = LEVELS,
    form_of_call: Callable[..., Sequence[Any]] = lambda *names: names,
) -> list[Claim]:
    """A claim of a scalar macro, with those that follow from it: NULL in gives NULL out, and an argument may be an expression.

    form_of_call makes the macro's arguments of the names, where it does not take them one by one.
    """
    frame = pd.DataFrame(rows)
    expected = np.asarray(expected, dtype=float)

    def query(macros: dict[str, Any], form: str = "{}") -> str:
        call = macros[macro](*form_of_call(*(form.format(name) for name in arguments)), *options)
        return f"select row, {call} as result from grid"

    told = np.flatnonzero(~np.isnan(expected))
    some = told[np.linspace(0, len(told) - 1, 25).astype(int)]
    base = frame.iloc[[told[len(told) // 2]] * len(arguments)].astype(float).reset_index(drop=True)
    for place, name in enumerate(arguments):
        base.loc[place, name] = np.nan
    common = dict(macro=macro, oracle=oracle, limit=limit, floor=floor, variables=variables)
    return [
        Claim(about=about, rows=frame, expected=expected, query=query, **common),
        Claim(about=about + "; NULL in", rows=base, expected=np.full(len(arguments), np.nan), query=query, **common),
        Claim(
            about=about + "; expressions",
            rows=frame.iloc[some],
            expected=expected[some],
            query=functools.partial(query, form="0 + {}"),
            **common,
        ),
    ]


def unusable(macro: str, *calls: str, variables: dict[str, Any] = LEVELS) -> list[Claim]:
    """A claim that calls of a macro, given as the SQL or options in its brackets, yield NULL: no error, NaN or infinity."""
    rows = pd.DataFrame({"case_number": range(len(calls))})

    def query(macros: dict[str, Any]) -> str:
        selects = []
        for number, call in enumerate(calls):
            words = [word.strip() for word in call.split(",")]
            names = [f"argument_{place}" for place in range(len(words)) if words[place] not in ("lower", "upper")]
            values = ", ".join(f"cast({word} as double) as {name}" for word, name in zip(words, names))
            result = macros[macro](*names, *(word for word in words if word in ("lower", "upper")))
            selects.append(f"select {number} as row, {result} as result from (select {values}) as given_values")
        return " union all ".join(selects)

    return [Claim(macro, "nothing to say", "NULL", 0.0, rows, np.full(len(calls), np.nan), query, 1.0, variables)]


def random() -> np.random.Generator:
    return np.random.default_rng(20260401)


def log_uniform(rng: np.random.Generator, low: float, high: float, size: int | tuple[int, ...]) -> np.ndarray:
    """Numbers between 10^low and 10^high."""
    return 10 ** rng.uniform(low, high, size)


NOT_NUMBERS = ("'nan'", "'inf'", "'-inf'")


def normal_claims() -> list[Claim]:
    rng = random()
    z = np.concatenate([np.linspace(-8, 8, 1601), np.linspace(-45, 45, 181), [4, -4, np.nextafter(4, 0), 37.5, 1e300, -1e300, 0, 1e-9]])
    near = z[np.abs(z) < 37.4]
    p = np.concatenate(
        [log_uniform(rng, -300, -1, 800), 1 - log_uniform(rng, -15, -1, 400), np.linspace(0.001, 0.999, 999), [0.075, 0.925]]
    )
    return [
        *scalar("normal_two_sided_p", "|z| to 45, absolute", "scipy ndtr", 1e-15, {"z": z}, 2 * special.ndtr(-np.abs(z)), ["z"]),
        *scalar(
            "normal_two_sided_p", "|z| to 37, relative", "scipy ndtr", 1e-12, {"z": near}, 2 * special.ndtr(-np.abs(near)), ["z"], floor=0
        ),
        *unusable("normal_two_sided_p", *NOT_NUMBERS),
        *scalar(
            "normal_quantile", "p from 1e-300 to 1 - 1e-15, relative", "scipy ndtri", 1e-14, {"p": p}, special.ndtri(p), ["p"], floor=1e-2
        ),
        *unusable("normal_quantile", "0", "1", "-1", "2", *NOT_NUMBERS),
        *skewed_claims(),
    ]


def exact_skewed_score(z: float, skew: float) -> float:
    """The formula in 40 digits, where nothing of ln(1 + x) cancels."""
    with decimal.localcontext(decimal.Context(prec=40)):
        a, g = decimal.Decimal(float(z)), decimal.Decimal(float(skew))
        x = a * g / 2
        w = (8 * (x - (1 + x).ln())).sqrt() / abs(g)
        w = w if a > 0 else -w
        return float(w + (a / w).ln() / w)


def skewed_claims() -> list[Claim]:
    rng = random()
    z = np.concatenate([rng.uniform(-8, 8, 900), [1e-6, -1e-6, 0.5, -0.5]])
    skew = np.concatenate([rng.uniform(-1, 1, 900), [1.0, 1.0, 1e-9, -1e-9]])
    wide, other = rng.uniform(-6, 6, 600), rng.choice([-1, 1], 600) * rng.uniform(0.05, 4, 600)
    inside = (np.abs(wide * other / 2) >= 0.025) & (wide * other / 2 > -0.999)
    wide, other = wide[inside], other[inside]
    outside = {"z": [-2.0, 2.0, -9.0, 50.0], "skew": [1.0, -1.0, 2.0, -0.1]}
    upper, lower = rng.uniform(-4, 38, 400), rng.uniform(-38, 4, 400)
    with np.errstate(all="ignore"):
        # By the tail that is the smaller one, in which scipy keeps its digits.
        tail = np.where(z > 0, stats.pearson3.sf(z, skew), stats.pearson3.cdf(z, skew))
        score = np.where(z > 0, -special.ndtri(tail), special.ndtri(tail))
    told = z * skew / 2 > -0.99
    return [
        *scalar(
            "skewed_score", "|skew| to 1, |z| to 8", "scipy pearson3", 3e-3, {"z": z[told], "skew": skew[told]}, score[told], ["z", "skew"]
        ),
        *scalar(
            "skewed_score",
            "|skew| to 4",
            "the formula in 40 digits",
            1e-10,
            {"z": wide, "skew": other},
            [exact_skewed_score(*row) for row in zip(wide, other)],
            ["z", "skew"],
        ),
        *scalar("skewed_score", "where no value can be", "the support", 0.0, outside, [-40, 40, -40, 40], ["z", "skew"]),
        *unusable("skewed_score", *(f"{one}, 1" for one in NOT_NUMBERS), *(f"1, {one}" for one in NOT_NUMBERS)),
        *scalar(
            "two_tails_p",
            "scores to 38",
            "scipy ndtr",
            1e-15,
            {"upper": upper, "lower": lower},
            special.ndtr(-upper) + special.ndtr(lower),
            ["upper", "lower"],
        ),
        *unusable("two_tails_p", *(f"{one}, 1" for one in NOT_NUMBERS), *(f"1, {one}" for one in NOT_NUMBERS)),
        *dealt_claims(),
    ]


def dealt_claims() -> list[Claim]:
    """Every way of dealing a few values into two groups."""
    rng, rows, expected = random(), [], []
    for size in (3, 4, 5, 8, 9):
        values = rng.lognormal(0, 1, size)
        for n in range(1, size):
            means = [
                values[list(chosen)].mean() - np.delete(values, list(chosen)).mean() for chosen in itertools.combinations(range(size), n)
            ]
            rows.append((stats.skew(values), n, size - n))
            expected.append(stats.skew(means) if n * 2 != size else 0.0)
    frame = pd.DataFrame(rows, columns=["skew", "n", "baseline_n"]).astype(float)
    return [
        *scalar("randomization_skew", "all deals of 3 to 9 values", "scipy skew", 1e-12, frame, expected, ["skew", "n", "baseline_n"]),
        *unusable("randomization_skew", "1, 0, 5", "1, 5, 0", "1, 1, 1", "1, -1, 5"),
    ]


def exact_student_p(t: float, df: int) -> float:
    """The two-sided p for an even df: the series of the incomplete beta function, whose terms are all positive, in 40 digits."""
    with decimal.localcontext(decimal.Context(prec=40)):
        a = decimal.Decimal(int(df)) / 2
        square = decimal.Decimal(float(t)) ** 2
        x = df / (df + square)
        over_beta = decimal.Decimal(1) / 2
        for step in range(1, int(a)):
            over_beta *= (step + decimal.Decimal("0.5")) / step
        term, total, place = decimal.Decimal(1), 1 / a, 0
        while term > total * decimal.Decimal("1e-30"):
            place += 1
            term *= x * (place - decimal.Decimal("0.5")) / place
            total += term / (a + place)
        return float(x**a * total * over_beta)


def student_claims() -> list[Claim]:
    rng = random()
    df = np.concatenate([log_uniform(rng, 0.01, 6, 1500), rng.uniform(1.01, 100, 1000), np.repeat(np.arange(2, 121), 4), np.full(50, 1e6)])
    t = log_uniform(rng, -6, 2, len(df)) * rng.choice([-1, 1], len(df))
    limit_of_fractions = np.sqrt(10.5 * df / (df + 8))
    t[::4] = (limit_of_fractions * rng.uniform(0.97, 1.03, len(df)))[::4]
    true = 2 * special.stdtr(df, -np.abs(t))
    told = true > 1e-290
    t_cauchy = np.concatenate([log_uniform(rng, -9, 9, 300), -log_uniform(rng, -2, 2, 50)])
    even = np.array([2, 2, 2, 4, 4, 6, 8, 10, 12, 20, 20, 20, 40, 40, 60, 60, 100, 100, 200, 300, 1000, 3000, 8000, 8000, 12000, 12000])
    share = np.array(
        [
            0.05,
            0.5,
            0.99,
            0.09,
            0.9,
            0.6,
            0.6,
            0.7,
            0.7,
            0.09,
            0.3,
            0.9,
            0.08,
            0.4,
            0.099,
            0.12,
            0.099,
            0.3,
            0.09,
            0.09,
            0.09,
            0.05,
            0.08,
            0.0999,
            0.09,
            0.0999,
        ]
    )
    t_even = np.sqrt(even * share / (1 - share))
    t_large = np.linspace(0.01, 8, 99)
    fisher = 2 * special.ndtr(-t_large) + stats.norm.pdf(t_large) * (t_large**3 + t_large) / 2e9
    p = np.concatenate(
        [
            log_uniform(rng, -20, -0.302, 1000),
            1 - log_uniform(rng, -13, -0.302, 500),
            np.full(7, 0.975),
            np.linspace(0.49, 0.51, 401),
            np.linspace(0.05, 0.3, 60),
        ]
    )
    df_p = np.concatenate(
        [
            log_uniform(rng, 0, 6, 750),
            rng.uniform(1, 6, 750),
            [1, 2, 3, 4, 5, 30, 1e6],
            log_uniform(rng, 0, 3, 401),
            rng.uniform(2, 2.02, 60),
        ]
    )
    near = rng.uniform(-1, 1, 60) * 6e-7
    df_near = log_uniform(rng, 0, 6, 60)
    quantile = special.stdtrit(df_p, p)
    return [
        *scalar(
            "student_t_two_sided_p", "df from 1 to 1e6, |t| to 100, absolute", "scipy stdtr", 2e-13, {"t": t, "df": df}, true, ["t", "df"]
        ),
        *scalar(
            "student_t_two_sided_p",
            "the same, relative, p > 1e-290",
            "scipy stdtr",
            2e-10,
            {"t": t[told], "df": df[told]},
            true[told],
            ["t", "df"],
            floor=0,
        ),
        *scalar(
            "student_t_two_sided_p",
            "df = 1, |t| from 1e-9 to 1e9, relative",
            "2/π·arctan(1/|t|)",
            5e-13,
            {"t": t_cauchy, "df": np.ones(350)},
            2 / np.pi * np.arctan(1 / np.abs(t_cauchy)),
            ["t", "df"],
            floor=0,
        ),
        *scalar(
            "student_t_two_sided_p",
            "even df from 2 to 12,000, relative",
            "decimal arithmetic, 40 digits",
            5e-12,
            {"t": t_even, "df": even},
            [exact_student_p(*pair) for pair in zip(t_even, even)],
            ["t", "df"],
            floor=0,
        ),
        *scalar(
            "student_t_two_sided_p",
            "df = 1e9, absolute",
            "scipy ndtr and Fisher's first term in 1/df",
            1e-13,
            {"t": t_large, "df": np.full(99, 1e9)},
            fisher,
            ["t", "df"],
        ),
        *scalar(
            "student_t_two_sided_p",
            "t = 0, and t far out",
            "1 and 0",
            1e-200,
            {"t": [0.0, 1e90, -1e90], "df": [3.0, 1e4, 50.0]},
            [1, 0, 0],
            ["t", "df"],
        ),
        *unusable(
            "student_t_two_sided_p",
            "1, 0.99",
            "1, 0",
            "1, -3",
            "1, 1e101",
            "1e101, 5",
            *(f"{bad}, 5" for bad in NOT_NUMBERS),
            *(f"1, {bad}" for bad in NOT_NUMBERS),
        ),
        *scalar(
            "student_t_quantile",
            "df from 1 to 1e6, p from 1e-20 to 1 - 1e-13, relative",
            "scipy stdtrit",
            1e-10,
            {"p": p, "df": df_p},
            quantile,
            ["p", "df"],
            floor=1e-2,
        ),
        *scalar(
            "student_t_quantile",
            "p within 6e-7 of 1/2, absolute",
            "slope of scipy's density",
            1e-15,
            {"p": 0.5 + near, "df": df_near},
            ((0.5 + near) - 0.5) / stats.t.pdf(0, df_near),
            ["p", "df"],
        ),
        *unusable(
            "student_t_quantile",
            "0.5, 0.99",
            "0.5, 1e101",
            "0, 5",
            "1, 5",
            "-0.1, 5",
            "1.1, 5",
            "1e-101, 5",
            *(f"{bad}, 5" for bad in NOT_NUMBERS),
            *(f"0.5, {bad}" for bad in NOT_NUMBERS),
        ),
    ]


def chi_square_claims() -> list[Claim]:
    rng = random()
    df = np.concatenate([np.repeat(np.arange(1, 101), 25)])
    x = np.concatenate([stats.chi2.isf(log_uniform(rng, -40, -1e-3, len(df) - 200), df[:-200]), np.linspace(0, 500, 200)])
    far = x < 1400
    many = np.repeat(np.arange(101, 501), 4)
    x_many = stats.chi2.isf(rng.uniform(1e-9, 1 - 1e-9, len(many)), many)
    arguments = ["x", "df"]
    return [
        *scalar(
            "chi_square_tail", "df from 1 to 100, absolute", "scipy chdtrc", 1e-13, {"x": x, "df": df}, special.chdtrc(df, x), arguments
        ),
        *scalar(
            "chi_square_tail",
            "the same, relative",
            "scipy chdtrc",
            1e-11,
            {"x": x[far], "df": df[far]},
            special.chdtrc(df, x)[far],
            arguments,
            floor=0,
        ),
        *scalar(
            "chi_square_tail",
            "df from 101 to 500, absolute",
            "scipy chdtrc",
            1.5e-6,
            {"x": x_many, "df": many},
            special.chdtrc(many, x_many),
            arguments,
        ),
        *scalar(
            "chi_square_tail",
            "x = 0, and x far out",
            "1 and 0",
            1e-200,
            {"x": [0, 0, 0, 1500, 1e90, 1e90, 0], "df": [1, 2, 99, 40, 7, 300, 300]},
            [1, 1, 1, 0, 0, 0, 1],
            arguments,
        ),
        *unusable(
            "chi_square_tail",
            "1, 0",
            "1, 2.5",
            "150, 150.5",
            "1, -1",
            "-1, 3",
            "1, 1e16",
            *(f"{bad}, 5" for bad in NOT_NUMBERS),
            *(f"1, {bad}" for bad in NOT_NUMBERS),
        ),
    ]


def weighted_chi_square_claims() -> list[Claim]:
    """Tails of gammas; with equal weights those of chi_square_tail()."""
    cells = [
        (df, unequal, p) for df in range(2, 21) for unequal in (0.01, 0.1, 0.3, 0.6, 1.0) for p in (0.999, 0.5, 0.05, 1e-3, 1e-9, 1e-20)
    ]
    df, unequal, p = (np.array(column) for column in zip(*cells))
    x = special.chdtri(df / (1 + unequal), p) * (1 + unequal)
    near = p >= 0.05
    equal_df, equal_x = np.repeat(np.arange(1, 21), 8), np.tile([0.0, 0.5, 2, 5, 12, 40, 90, 800], 20)
    arguments = ["x", "df", "inequality"]
    name = "weighted_chi_square_tail"
    return [
        *scalar(
            name,
            "to p = 0.05, relative",
            "scipy chdtrc",
            0.025,
            {"x": x[near], "df": df[near], "inequality": unequal[near]},
            p[near],
            arguments,
            floor=0,
        ),
        *scalar(name, "to p = 1e-20, relative", "scipy chdtrc", 0.07, {"x": x, "df": df, "inequality": unequal}, p, arguments, floor=0),
        *scalar(
            name,
            "equal weights",
            "scipy chdtrc",
            1e-11,
            {"x": equal_x, "df": equal_df, "inequality": np.zeros(len(equal_x))},
            special.chdtrc(equal_df, equal_x),
            arguments,
            floor=1e-290,
        ),
        *unusable(name, "1, 0, 1e-1", "-1, 3, 1e-1", "1, 3, -1e-1", *(f"{bad}, 5, 1e-1" for bad in NOT_NUMBERS)),
        *unusable(name, *(f"1, 5, {bad}" for bad in NOT_NUMBERS)),
    ]


def share_rows() -> pd.DataFrame:
    """Successes of two groups, also none and all of them."""
    rng = random()
    n = np.concatenate([rng.integers(1, 60, 150), rng.integers(1, 100_000, 150), np.full(9, 20)])
    baseline_n = np.concatenate([rng.integers(1, 60, 150), rng.integers(1, 5_000_000, 150), np.full(9, 30)])
    share = rng.choice([0.0, 0.001, 0.05, 0.3, 0.5, 0.99, 1.0], 309)
    lift = rng.uniform(0.5, 1.0, 309)
    rows = pd.DataFrame(
        {
            "successes": rng.binomial(n, share * lift),
            "n": n,
            "baseline_successes": rng.binomial(baseline_n, share),
            "baseline_n": baseline_n,
        }
    )
    rows.loc[300:, "successes"] = [0, 0, 0, 20, 20, 20, 10, 10, 10]
    rows.loc[300:, "baseline_successes"] = [0, 30, 15] * 3
    return rows


def share_claims() -> list[Claim]:
    rows = share_rows()
    x, n, x0, n0 = (rows[name].to_numpy() for name in rows.columns)
    four = list(rows.columns)
    found: list[Claim] = []
    for variables in (LEVELS, OTHER_LEVELS, EXTREME_LEVELS):
        alpha = 1 - variables["confidence_level"]
        level = f"at {variables['confidence_level']}"
        newcombe = [proportion.confint_proportions_2indep(*row, method="newcomb", compare="diff", alpha=alpha) for row in zip(x, n, x0, n0)]
        wilson = proportion.proportion_confint(x, n, alpha=alpha, method="wilson")
        both = (x > 0) & (x0 > 0)
        ratios = (
            np.array(
                [
                    proportion.confint_proportions_2indep(*row, method="log", compare="ratio", alpha=alpha)
                    for row in zip(x[both], n[both], x0[both], n0[both])
                ]
            )
            - 1
        )
        shares = pd.DataFrame({"mean": x / n, "baseline_mean": x0 / n0})
        shares["error"] = np.sqrt(shares["mean"] * (1 - shares["mean"]) / n)
        shares["baseline_error"] = np.sqrt(shares["baseline_mean"] * (1 - shares["baseline_mean"]) / n0)
        inner = both & (x < n) & (x0 < n0)
        tables = [contingency_tables.Table2x2([[a, m - a], [b, k - b]]) for a, m, b, k in zip(x[inner], n[inner], x0[inner], n0[inner])]
        odds = pd.DataFrame(
            {"log_odds_ratio": [table.log_oddsratio for table in tables], "error": [table.log_oddsratio_se for table in tables]}
        )
        for place, side in enumerate(("lower", "upper")):
            found += scalar(
                "newcombe_bound",
                f"{side}, {level}",
                "statsmodels confint_proportions_2indep(newcomb)",
                1e-14,
                rows,
                [bounds[place] for bounds in newcombe],
                four,
                [side],
                variables=variables,
            )
            found += scalar(
                "wilson_bound",
                f"{side}, {level}",
                "statsmodels proportion_confint(wilson)",
                1e-14,
                rows,
                wilson[place],
                four[:2],
                [side],
                variables=variables,
            )
            found += scalar(
                "odds_ratio_bound",
                f"{side}, {level}, relative",
                "statsmodels Table2x2",
                1e-12,
                odds,
                [table.oddsratio_confint(alpha)[place] for table in tables],
                ["log_odds_ratio", "error"],
                [side],
                floor=0,
                variables=variables,
            )
            told = np.isfinite(ratios[:, place]) & (ratios[:, place] < 1e300)
            found += scalar(
                "log_lift_bound",
                f"shares, {side}, {level}",
                "statsmodels confint_proportions_2indep(ratio, log)",
                1e-12,
                shares[both][told],
                ratios[told, place],
                ["mean", "error", "baseline_mean", "baseline_error"],
                [side],
                variables=variables,
            )
    ends = pd.DataFrame({"successes": [0, 20, 7], "n": [20, 20, 20]})
    for side, bounds in (("lower", [0, np.nan, np.nan]), ("upper", [np.nan, 1, np.nan])):
        told = ~np.isnan(bounds)
        found += scalar(
            "wilson_bound", f"{side}, none or all, exactly", "0 and 1", 0.0, ends[told], np.array(bounds)[told], ["successes", "n"], [side]
        )
    binary = [
        stats.chi2_contingency([[a, m - a], [b, k - b]], correction=False).statistic * (m + k - 1) / (m + k)
        if 0 < a + b < m + k
        else np.nan
        for a, m, b, k in zip(x, n, x0, n0)
    ]
    signed = np.sqrt(binary) * np.sign(x / n - x0 / n0)

    def z_of_shares(macros: dict[str, Any]) -> str:
        # The variance of values that are 0 or 1: x (n - x) / (n (n - 1)).
        met, size = "(successes + baseline_successes)", "(n + baseline_n)"
        variance = f"1e0 * {met} * ({size} - {met}) / nullif({size} * ({size} - 1e0), 0)"
        z = macros["randomization_z"]("successes / n", "n", "baseline_successes / baseline_n", "baseline_n", "variance")
        return f"select row, {z} as result from (select *, {variance} as variance from grid)"

    def p_of_shares(macros: dict[str, Any]) -> str:
        return f"select row, {macros['normal_two_sided_p']('result')} as result from ({z_of_shares(macros)})"

    share = np.concatenate([[0.0, 0, 1, 1, 0.5], np.linspace(0, 1, 101)])
    other = np.concatenate([[0.0, 1, 0, 1, 0.1], random().uniform(0, 1, 101)])
    return found + [
        *unusable(
            "newcombe_bound",
            *(
                f"{call}, {side}"
                for side in ("lower", "upper")
                for call in ("0, 0, 1, 2", "1, 2, 0, 0", "-1, 2, 1, 2", "3, 2, 1, 2", "1, 2, -1, 2", "1, 2, 3, 2")
            ),
        ),
        *unusable("wilson_bound", *(f"{call}, {side}" for side in ("lower", "upper") for call in ("0, 0", "-1, 2", "3, 2", "-1, -1"))),
        *unusable(
            "log_lift_bound",
            *(
                f"{call}, {side}"
                for side in ("lower", "upper")
                for call in ("0, 1, 1, 1", "1, 1, 0, 1", "-1, 1, 1, 1", "1, 1, -1, 1", "1, -1, 1, 1", "1, 1, 1, -1")
            ),
            "1e-200, 1, 1e200, 1, upper",
            "1e-3, 1e200, 1, 0, upper",
        ),
        *scalar(
            "log_lift_bound",
            "an error far above the mean",
            "-1",
            0.0,
            {"mean": [1e-3], "error": [1e200], "baseline_mean": [1.0], "baseline_error": [0.0]},
            [-1.0],
            ["mean", "error", "baseline_mean", "baseline_error"],
            ["lower"],
        ),
        *scalar(
            "odds_ratio_bound",
            "odds that are nearly 0",
            "0",
            0.0,
            {"log_odds_ratio": [-900.0], "error": [1.0]},
            [0.0],
            ["log_odds_ratio", "error"],
            ["upper"],
        ),
        *unusable("odds_ratio_bound", "0, -1, lower", "0, -1, upper", "900, 1, lower", "900, 1, upper"),
        Claim("randomization_z", "shares: the N-1 chi-square", "scipy chi2_contingency · (N-1)/N", 1e-10, rows, signed, z_of_shares),
        Claim("randomization_z", "shares: its p", "scipy chi2.sf", 1e-10, rows, stats.chi2.sf(binary, 1), p_of_shares),
        *scalar(
            "cohens_h",
            "shares from 0 to 1",
            "statsmodels proportion_effectsize",
            1e-14,
            {"p": share, "baseline_p": other},
            proportion.proportion_effectsize(share, other),
            ["p", "baseline_p"],
        ),
        *unusable("cohens_h", "-0.1, 0.5", "1.1, 0.5", "0.5, -0.1", "0.5, 1.1"),
    ]


def in_pairs(*names: str) -> list[list[list[str]]]:
    """One argument: the names two by two."""
    return [[list(pair) for pair in zip(names[::2], names[1::2])]]


class Pair(NamedTuple):
    """The values of a group and of its baseline."""

    values: np.ndarray
    baseline: np.ndarray

    @property
    def both(self) -> np.ndarray:
        return np.concatenate([self.values, self.baseline])

    @property
    def z(self) -> float:
        """The correlation of group and value, times √(N − 1): what a randomization test standardizes to."""
        group = np.repeat([1.0, 0.0], [len(self.values), len(self.baseline)])
        if len(self.baseline) == 0 or len(self.values) == 0 or np.ptp(self.both) == 0:
            return np.nan
        return stats.pearsonr(group, self.both).statistic * np.sqrt(len(group) - 1)


def pairs(draw: Callable[[np.random.Generator, int], np.ndarray]) -> list[Pair]:
    rng = random()
    sizes = [(2, 2), (2, 50), (50, 2), (3, 4), (1, 1), (1, 9), (9, 1), *zip(rng.integers(2, 60, 60), rng.integers(2, 400, 60))]
    return [Pair(draw(rng, one), draw(rng, other)) for one, other in sizes]


def skewed(rng: np.random.Generator, size: int) -> np.ndarray:
    return rng.lognormal(rng.uniform(-1, 2), rng.uniform(0.1, 1.5), size)


def scores(rng: np.random.Generator, size: int) -> np.ndarray:
    return rng.choice([0, 1, 2, 3, 4, 5], size, p=rng.dirichlet(np.ones(6))).astype(float)


def deviation(values: np.ndarray) -> float:
    return np.std(values, ddof=1) if len(values) > 1 else np.nan


def mean_rows(samples: list[Pair]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "mean": pair.values.mean(),
                "deviation": deviation(pair.values),
                "n": len(pair.values),
                "baseline_mean": pair.baseline.mean(),
                "baseline_deviation": deviation(pair.baseline),
                "baseline_n": len(pair.baseline),
                "variance": np.var(pair.both, ddof=1),
            }
            for pair in samples
        ]
    )


def detectable_difference(deviation: float, n: int, baseline_n: int, variables: dict[str, Any]) -> float:
    """The difference at which a test of the upper side at α/2 has the wanted power."""
    harmonic = 1 / (1 / n + 1 / baseline_n)

    def missing(effect: float) -> float:
        return power.normal_power(effect, harmonic, (1 - variables["confidence_level"]) / 2, alternative="larger") - variables["power"]

    return brentq(missing, 0, 100, xtol=1e-15, rtol=1e-14) * deviation


def mean_claims() -> list[Claim]:
    flat = np.full(5, 3.0)
    samples = [*pairs(skewed), Pair(flat, flat), Pair(flat, np.array([1.0, 2, 4])), Pair(np.array([1.0, 2, 4]), flat)]
    rows = mean_rows(samples)
    spreads = ["deviation", "n", "baseline_deviation", "baseline_n"]
    six = ["mean", "deviation", "n", "baseline_mean", "baseline_deviation", "baseline_n"]
    sized = [len(pair.values) > 1 and len(pair.baseline) > 1 for pair in samples]
    spread = [good and (np.ptp(pair.values) > 0 or np.ptp(pair.baseline) > 0) for good, pair in zip(sized, samples)]
    welch = [stats.ttest_ind(*pair, equal_var=False) if good else None for good, pair in zip(spread, samples)]
    pooled = [stats.ttest_ind(*pair, equal_var=True) if good else None for good, pair in zip(spread, samples)]
    difference = (rows["mean"] - rows["baseline_mean"]).to_numpy()
    errors = [gap / test.statistic if test else np.nan for gap, test in zip(difference, welch)]
    wider = np.array([max(1.0, one.statistic / other.statistic) if one else np.nan for one, other in zip(welch, pooled)])
    found: list[Claim] = []
    for variables in (LEVELS, OTHER_LEVELS):
        confidence = variables["confidence_level"]
        half = np.array([np.ptp(test.confidence_interval(confidence)) / 2 if test else np.nan for test in welch]) * wider
        found += scalar(
            "mean_difference_margin",
            f"at {confidence}",
            "scipy ttest_ind, both kinds",
            1e-10,
            rows,
            half,
            spreads,
            variables=variables,
            floor=0,
        )

    def p_of_means(macros: dict[str, Any]) -> str:
        t = f"(mean - baseline_mean) / nullif({macros['welch_standard_error'](*spreads)}, 0)"
        return f"select row, {macros['student_t_two_sided_p'](t, macros['welch_degrees_of_freedom'](*spreads))} as result from grid"

    smd = []
    for pair, good in zip(samples, spread):
        if good:
            groups = [(group.mean(), group.std(ddof=1), len(group)) for group in pair]
            smd.append(meta_analysis.effectsize_smd(*groups[0], *groups[1])[0])
    g = np.full(len(samples), np.nan)
    g[np.flatnonzero(spread)] = smd
    sizes = pd.DataFrame(
        {"deviation": random().lognormal(0, 2, 60), "n": random().integers(2, 5000, 60), "baseline_n": random().integers(1000, 9000, 60)}
    )
    lifts = {side: [] for side in ("lower", "upper")}
    lift_rows = []
    for pair in samples[7:25]:
        data = pd.DataFrame({"variant": np.repeat([1, 0], [len(pair.values), len(pair.baseline)]), "value": pair.both})
        result = tea_tasting.Experiment(value=tea_tasting.Mean("value", use_t=False)).analyze(data)["value"]
        lifts["lower"].append(result.rel_effect_size_ci_lower)
        lifts["upper"].append(result.rel_effect_size_ci_upper)
        lift_rows.append(
            {
                "mean": pair.values.mean(),
                "error": deviation(pair.values) / np.sqrt(len(pair.values)),
                "baseline_mean": pair.baseline.mean(),
                "baseline_error": deviation(pair.baseline) / np.sqrt(len(pair.baseline)),
            }
        )
    for side, bounds in lifts.items():
        found += scalar(
            "log_lift_bound",
            f"means, {side}",
            "tea-tasting Mean",
            1e-12,
            pd.DataFrame(lift_rows),
            bounds,
            ["mean", "error", "baseline_mean", "baseline_error"],
            [side],
        )
    two = pd.DataFrame(
        {
            "error": rows["deviation"] ** 2 / rows["n"],
            "n": rows["n"],
            "baseline_error": rows["baseline_deviation"] ** 2 / rows["baseline_n"],
            "baseline_n": rows["baseline_n"],
        }
    )
    rng = random()
    sizes_of_four = rng.integers(2, 40, (80, 4))
    variances_of_four = log_uniform(rng, -3, 3, (80, 4)) * rng.choice([0, 1, 1], (80, 4))
    sizes_of_four[0, 0], sizes_of_four[1, 3], variances_of_four[2] = 1, 0, 0
    errors_of_four = variances_of_four / np.maximum(sizes_of_four, 1)
    df_of_four = errors_of_four.sum(1) ** 2 / (errors_of_four**2 / (sizes_of_four - 1.0)).sum(1)
    df_of_four[:3] = np.nan
    four = pd.DataFrame(
        {
            name: column
            for place in range(4)
            for name, column in ((f"error_{place}", errors_of_four[:, place]), (f"n_{place}", sizes_of_four[:, place]))
        }
    )
    detectable = {
        str(variables): [detectable_difference(*row, variables=variables) for row in sizes.itertuples(index=False)]
        for variables in (LEVELS, OTHER_LEVELS)
    }
    for variables in (LEVELS, OTHER_LEVELS):
        found += scalar(
            "smallest_detectable_difference",
            f"power {variables['power']} at {variables['confidence_level']}, relative",
            "statsmodels NormalIndPower",
            1e-9,
            sizes,
            detectable[str(variables)],
            ["deviation", "n", "baseline_n"],
            floor=0,
            variables=variables,
        )
    return found + [
        *unusable("mean_difference_margin", "1, 1, 1, 5", "1, 5, 1, 1", "1, 5, 1, 0", "1, 0, 1, 5", "1, -1, 1, 5", "0, 5, 0, 5"),
        *scalar(
            "welch_standard_error",
            "skewed samples of 2 to 400",
            "scipy ttest_ind(equal_var=False)",
            1e-12,
            rows[spread],
            np.array(errors)[spread],
            spreads,
        ),
        *unusable("welch_standard_error", "1, 0, 1, 5", "1, 5, 1, 0", "1, -1, 1, 5"),
        *scalar(
            "welch_degrees_of_freedom",
            "skewed samples of 2 to 400, relative",
            "scipy ttest_ind(equal_var=False)",
            1e-12,
            rows,
            [test.df if test else np.nan for test in welch],
            spreads,
            floor=0,
        ),
        *unusable("welch_degrees_of_freedom", "1, 1, 1, 5", "1, 5, 1, 1", "0, 5, 0, 5"),
        *scalar(
            "satterthwaite_df",
            "two groups, relative",
            "scipy ttest_ind(equal_var=False)",
            1e-12,
            two,
            [test.df if test else np.nan for test in welch],
            list(two.columns),
            floor=0,
            form_of_call=in_pairs,
        ),
        *scalar(
            "satterthwaite_df",
            "four groups of 0 to 40, relative",
            "numpy",
            1e-12,
            four,
            df_of_four,
            list(four.columns),
            floor=0,
            form_of_call=in_pairs,
        ),
        Claim(
            "student_t_two_sided_p",
            "of two samples",
            "scipy ttest_ind(equal_var=False)",
            1e-11,
            rows,
            np.array([test.pvalue if test else np.nan for test in welch]),
            p_of_means,
        ),
        *scalar("hedges_g", "skewed samples of 2 to 400", "statsmodels effectsize_smd", 1e-12, rows, g, six),
        *unusable("hedges_g", "1, 1, 1, 2, 1, 5", "1, 1, 5, 2, 1, 1", "1, 0, 5, 2, 0, 5"),
        *scalar(
            "randomization_z",
            "means: the correlation of group and value · √(N-1)",
            "scipy pearsonr",
            1e-10,
            rows,
            [pair.z for pair in samples],
            ["mean", "n", "baseline_mean", "baseline_n", "variance"],
        ),
        *unusable("randomization_z", "1, 0, 1, 5, 1", "1, 5, 1, 0, 1", "1, 5, 1, 5, 0", "1, 5, 1, 5, -1", "1, -5, 1, 5, 1"),
        *unusable("smallest_detectable_difference", "1, 0, 5", "1, 5, 0", "0, 5, 5", "-1, 5, 5"),
    ]


def rank_claims() -> list[Claim]:
    samples = pairs(scores)
    values = pd.DataFrame(
        [
            {"pair": number, "is_baseline": int(baseline), "value": value}
            for number, pair in enumerate(samples)
            for baseline, group in enumerate(pair)
            for value in [*group, np.nan]
        ]
    )
    ranks = values.groupby("pair")["value"].rank().to_numpy()
    whole = stats.rankdata(values["value"], nan_policy="omit")
    tests = [stats.mannwhitneyu(*pair, use_continuity=False, method="asymptotic") if np.ptp(pair.both) else None for pair in samples]

    def compared(macros: dict[str, Any], result: str) -> str:
        return f"""
            select pair as row, {result} as result
            from (
                select
                    pair,
                    avg(case when is_baseline = 0 then mid_rank end) as mean_rank,
                    count(case when is_baseline = 0 then mid_rank end) as n,
                    avg(case when is_baseline = 1 then mid_rank end) as baseline_mean_rank,
                    count(case when is_baseline = 1 then mid_rank end) as baseline_n,
                    var_samp(mid_rank) as variance
                from (select *, {macros["mid_rank"]("value", ["pair"])} as mid_rank from grid)
                group by pair
            )
        """

    def rank_z(macros: dict[str, Any]) -> str:
        return compared(macros, macros["randomization_z"]("mean_rank", "n", "baseline_mean_rank", "baseline_n", "variance"))

    def rank_p(macros: dict[str, Any]) -> str:
        return f"select row, {macros['normal_two_sided_p']('result')} as result from ({rank_z(macros)})"

    return [
        Claim(
            "mid_rank",
            "ties and NULLs in 67 partitions",
            "pandas rank",
            0.0,
            values,
            ranks,
            lambda macros: f"select row, {macros['mid_rank']('value', ['pair'])} as result from grid",
        ),
        Claim(
            "mid_rank",
            "ties and NULLs in one partition, of an expression",
            "scipy rankdata",
            0.0,
            values,
            whole,
            lambda macros: f"select row, {macros['mid_rank']('-10 + value', [])} as result from grid",
        ),
        Claim(
            "randomization_z",
            "mid-ranks: Mann-Whitney's p",
            "scipy mannwhitneyu(asymptotic)",
            1e-12,
            values,
            np.array([test.pvalue if test else np.nan for test in tests]),
            rank_p,
        ),
    ]


def ratio_claims() -> list[Claim]:
    rng = random()
    rows, z = [], []
    for _ in range(25):
        n, n0 = rng.integers(5, 300, 2)
        data = pd.DataFrame({"variant": np.repeat([1, 0], [n, n0]), "views": rng.poisson(rng.uniform(2, 20), n + n0) + 1.0})
        data["clicks"] = rng.binomial(data["views"].astype(int), rng.uniform(0.05, 0.6)).astype(float)
        groups = [data[data["variant"] == variant] for variant in (1, 0)]
        rows.append(
            {
                f"{prefix}{name}": value
                for prefix, group in zip(("", "baseline_"), groups)
                for name, value in {
                    "clicks": group["clicks"].mean(),
                    "views": group["views"].mean(),
                    "clicks_variance": group["clicks"].var(),
                    "views_variance": group["views"].var(),
                    "covariance": group["clicks"].cov(group["views"]),
                    "n": len(group),
                }.items()
            }
        )
        ratio = data["clicks"].sum() / data["views"].sum()
        residual = data["clicks"] - ratio * data["views"]
        z.append(Pair(*(residual[data["variant"] == variant].to_numpy() for variant in (1, 0))).z)
        rows[-1].update(
            {
                "ratio": ratio,
                "clicks_variance": data["clicks"].var(),
                "views_variance": data["views"].var(),
                "covariance": data["clicks"].cov(data["views"]),
            }
        )

    def z_of_ratios(macros: dict[str, Any]) -> str:
        variance = "clicks_variance - 2e0 * ratio * covariance + ratio * ratio * views_variance"
        call = macros["randomization_z"](
            "clicks - ratio * views", "n", "baseline_clicks - ratio * baseline_views", "baseline_n", "variance"
        )
        return f"select row, {call} as result from (select *, {variance} as variance from grid)"

    return [Claim("randomization_z", "residuals of ratios", "scipy pearsonr", 1e-10, pd.DataFrame(rows), np.array(z), z_of_ratios)]


def nps_claims() -> list[Claim]:
    samples = pairs(lambda rng, size: rng.choice([-100.0, 0, 100], size, p=rng.dirichlet(np.ones(3))))
    rows = pd.DataFrame(
        [
            {
                f"{prefix}{name}": value
                for prefix, group in zip(("", "baseline_"), pair)
                for name, value in {"promoters": int((group > 0).sum()), "detractors": int((group < 0).sum()), "n": len(group)}.items()
            }
            for pair in samples
        ]
    )

    def z_of_scores(macros: dict[str, Any]) -> str:
        score, baseline_score = (f"1e2 * ({prefix}promoters - {prefix}detractors) / {prefix}n" for prefix in ("", "baseline_"))
        up, down, size = (f"({name} + baseline_{name})" for name in ("promoters", "detractors", "n"))
        variance = f"1e4 * ({up} + {down} - 1e0 * ({up} - {down}) * ({up} - {down}) / {size}) / nullif({size} - 1, 0)"
        call = macros["randomization_z"](score, "n", baseline_score, "baseline_n", "variance")
        return f"select row, {call} as result from (select *, {variance} as variance from grid)"

    return [Claim("randomization_z", "NPS", "scipy pearsonr", 1e-10, rows, np.array([pair.z for pair in samples]), z_of_scores)]


def family_claims() -> list[Claim]:
    rng = random()
    size = 600
    p = np.where(rng.uniform(size=size) < 0.3, log_uniform(rng, -12, -2, size), np.round(rng.uniform(0, 1, size), 2))
    p[::9] = np.nan
    rows = pd.DataFrame(
        {
            "p": p,
            "test": np.arange(size),
            "half": rng.integers(0, 2, size).astype(float),
            "family": rng.choice(["a", "b", "c", "d", None], size),
        }
    )
    rows.loc[0:3, "family"], rows.loc[0:3, "half"], rows.loc[0:3, "p"] = "alone", [0.0, 1.0, 2.0, 3.0], [0.03, 1.0, 0.0, np.nan]
    rows.loc[4:9, "family"], rows.loc[4:9, "p"] = "tied", [0.01, 0.01, 0.01, 0.04, 0.04, 0.5]
    rows.loc[4:9, "half"] = 0.0
    rows.loc[10:19, "half"] = np.nan
    found = []
    for macro, method in (("benjamini_hochberg", "fdr_bh"), ("holm", "holm")):
        for columns in ([], ["half"], ["half", "family"]):
            expected = np.full(size, np.nan)
            groups = (
                rows.groupby([rows[name].astype(object).where(rows[name].notna(), "missing") for name in columns])
                if columns
                else [((), rows)]
            )
            for _, group in groups:
                told = group[group["p"].notna()]
                if len(told):
                    expected[told.index] = multitest.multipletests(told["p"], method=method)[1]
            found.append(
                Claim(
                    macro,
                    f"families by {' and '.join(columns) or 'nothing'}; ties, NULLs",
                    f"statsmodels multipletests({method})",
                    1e-14,
                    rows,
                    expected,
                    lambda macros, macro=macro, columns=columns: (
                        f"select row, q as result from ({macros[macro]('grid', 'p', columns, 'q')})"
                    ),
                )
            )
    return found


def skewness(values: np.ndarray) -> float:
    return stats.skew(values) if len(values) and np.ptp(values) > 0 else np.nan


def accounts_at_random() -> tuple[pd.DataFrame, list[float]]:
    """Sums over accounts of residuals, and how much more their scores vary by account than by user."""
    random = np.random.default_rng(20261128)
    rows, expected = [], []
    for number in range(120):
        accounts = int(random.integers(4, 60))
        account = np.repeat(np.arange(accounts), random.integers(1, 9, accounts))
        values = random.normal(size=len(account)) + (number % 3) * random.normal(size=accounts)[account]
        by_account = number % 2 == 0
        members = (
            np.isin(account, random.choice(accounts, 1 + accounts // 3, replace=False)) if by_account else random.random(len(account)) < 0.4
        )
        members[:1], members[-1:] = True, False
        e = values - values.mean()
        s, both = (pd.Series(of).groupby(account).sum() for of in (e * members, e))
        rows.append(
            {
                "n": float(members.sum()),
                "all_n": float(len(e)),
                "squares": (e[members] ** 2).sum(),
                "all_squares": (e**2).sum(),
                "account_squares": (s**2).sum(),
                "account_products": (s * both).sum(),
                "all_account_squares": (both**2).sum(),
            }
        )
        scores = e * (members - members.mean())
        expected.append(max(1.0, float((pd.Series(scores).groupby(account).sum() ** 2).sum() / (scores**2).sum())))
    return pd.DataFrame(rows), expected


def pulls_of_accounts() -> tuple[dict[str, list[float]], list[float]]:
    """Sizes of accounts and of all, and how much of the sum of an account's residuals is hidden beside that of a user alone."""
    sizes = [(account_n, n) for n in (2, 3, 10, 60, 1000) for account_n in (1, 2, 3, 7, 30, 59) if account_n < n]
    expected = []
    for account_n, n in sizes:
        left, directions = np.linalg.eigh(np.eye(account_n) - np.full((account_n, account_n), 1 / n))
        freed = directions @ np.diag(left**-0.5) @ directions.T
        # The sum of residuals that are all 1, with the divisor n − 1 of every variance.
        expected.append(freed.sum() / account_n * (1 - 1 / n) ** 0.5)
    return {"account_n": [float(one) for one, _ in sizes], "n": [float(n) for _, n in sizes]}, expected


def shares_at_random() -> tuple[pd.DataFrame, list[float]]:
    """Sums over accounts of users and successes, and how much more the share varies by account than by user."""
    random = np.random.default_rng(20261127)
    rows, expected = [], []
    for number in range(90):
        account = np.repeat(np.arange(accounts := int(random.integers(2, 40))), random.integers(1, 9, accounts))
        chance = random.uniform(0.2, 0.8, accounts) if number % 3 else np.full(accounts, 0.5)
        successes = (random.random(len(account)) < chance[account]).astype(float)
        successes[:1], successes[-1:] = 1, 0
        frame = pd.DataFrame({"n": 1.0, "r": successes}).groupby(account).sum()
        rows.append(
            {
                "successes": successes.sum(),
                "n": float(len(account)),
                "success_squares": (frame.r**2).sum(),
                "products": (frame.r * frame.n).sum(),
                "squares": (frame.n**2).sum(),
            }
        )
        p = successes.mean()
        fit = OLS(successes, np.ones(len(account))).fit(cov_type="cluster", cov_kwds={"groups": account, "use_correction": False})
        expected.append(max(1.0, float(fit.bse[0] ** 2 / (p * (1 - p) / len(account)))))
    return pd.DataFrame(rows), expected


def sums_taken_away(spread: float) -> tuple[pd.DataFrame, list[float]]:
    """Sums of all users less those of a segment, and the variance of the rest, who differ by so much."""
    random = np.random.default_rng(20261126)
    rows, expected = [], []
    for _ in range(600):
        others = random.lognormal(0, 1, random.integers(5, 400))
        own = random.normal(0, spread, random.integers(2, 400))
        everybody = random.permutation(np.concatenate([others, own]))
        # A rest of zeros whose center is small has next to no squares of its own.
        center = everybody.mean() * 10 ** -random.uniform(0, 4)
        left = [float(((everybody - center) ** power).sum() - ((others - center) ** power).sum()) for power in (1, 2)]
        n = len(own)
        rows.append(
            {
                "n": n,
                "ratio": left[0] / n,
                "squares": max(left[1], 0.0),
                "products": left[0],
                "weight_squares": n,
                "center": center,
                "taken_from": ((everybody - center) ** 2).sum(),
            }
        )
        expected.append(float(own.var(ddof=1)))
    return pd.DataFrame(rows), expected


def sum_claims() -> list[Claim]:
    rng = random()
    samples = [
        *(rng.normal(5, rng.uniform(0.1, 9), size) for size in rng.integers(2, 50, 60)),
        np.array([4.0]),
        np.array([]),
        np.full(7, 0.1),
    ]
    sums = pd.DataFrame(
        {
            "n": [len(sample) for sample in samples],
            "total": [sample.sum() for sample in samples],
            "squares": [(sample**2).sum() for sample in samples],
        }
    )
    spread = [0.0 if len(sample) > 1 and np.ptp(sample) == 0 else deviation(sample) for sample in samples]
    weighted = []
    for size in [0, 1, 2, 3, *rng.integers(2, 300, 60)]:
        weights = rng.poisson(3, size) + 1.0
        x = rng.lognormal(1, 1, size) * weights
        ratio = x.sum() / weights.sum() if size else np.nan
        center = rng.uniform(1, 5)
        centered = x - center * weights
        weighted.append(
            (
                {
                    "n": size,
                    "total": centered.sum(),
                    "weight": weights.sum(),
                    "center": center,
                    "size": np.abs(x).sum(),
                    "ratio": centered.sum() / weights.sum() if size else np.nan,
                    "squares": (centered**2).sum(),
                    "products": (centered * weights).sum(),
                    "weight_squares": (weights**2).sum(),
                },
                ratio,
                deviation(x - ratio * weights) ** 2,
                size,
            )
        )
    ratios = pd.DataFrame([row for row, *_ in weighted])
    heavy = [np.array([]), np.array([4.0]), np.full(7, 0.5), *(skewed(rng, size) - 2 for size in rng.integers(2, 400, 60))]
    cubed = pd.DataFrame(
        [{"n": len(sample), "total": sample.sum(), "squares": (sample**2).sum(), "cubes": (sample**3).sum()} for sample in heavy]
    )
    differences = pd.DataFrame(
        {"whole": [5.0, 1.0, 1.0, 1e15, 0.0], "part": [3.0, 1 - 1e-13, 1 - 1e-11, 1e15 - 1, 0.0], "scale": [8.0, 1.0, 1.0, 1e15, 0.0]}
    )
    return [
        *scalar("standard_deviation_from_sums", "samples of 0 to 50", "numpy std(ddof=1)", 1e-9, sums, spread, ["n", "total", "squares"]),
        *scalar(
            "difference_of_sums",
            "with and without rounding",
            "by hand",
            1e-15,
            differences,
            [2.0, 0.0, 1 - (1 - 1e-11), 0.0, 0.0],
            list(differences.columns),
        ),
        *scalar(
            "mean_from_sums",
            "of weighted values, also one and none, relative",
            "numpy",
            1e-12,
            ratios,
            [ratio for _, ratio, _, _ in weighted],
            ["total", "weight", "center", "size"],
            floor=0,
        ),
        *scalar(
            "mean_from_sums",
            "with and without rounding",
            "by hand",
            1e-15,
            {
                "total": [-8 + 1e-15, -8 + 5e-8, -4.0, 5.0, 0.0],
                "weight": [4, 4, 4, 0, 3],
                "center": [2.0, 2.0, 1.0, 2.0, 0.0],
                "size": [1e4, 1e4, 1e9, 1e4, 0.0],
            },
            [0.0, 1.25e-8, 0.0, np.nan, 0.0],
            ["total", "weight", "center", "size"],
        ),
        *scalar(
            "residual_variance",
            "of weighted values, also one and none, relative",
            "numpy var(ddof=1) of the residuals",
            1e-11,
            ratios,
            [variance for _, _, variance, _ in weighted],
            ["n", "ratio", "squares", "products", "weight_squares", "center"],
            floor=0,
        ),
        *scalar(
            "residual_variance",
            "what only rounding leaves, and a little more",
            "by hand",
            1e-9,
            {
                "n": [3, 3, 3, 3, 1, 0, 2, 2],
                "ratio": [0.0] * 6 + [1.0] * 2,
                "squares": [1e-25, 1e-21, 0.0, 4.0, 4.0, 4.0, 4.0, 4.0],
                "products": [0.0] * 6 + [4.0] * 2,
                "weight_squares": [3.0] * 6 + [4 + 2**-27, 4 + 2**-40],
                "center": [1.0, 1.0, 0.0, 2e12, 1.0, 1.0, 0.0, 0.0],
            },
            [0.0, 5e-22, 0.0, 0.0, np.nan, np.nan, 2**-27, 0.0],
            ["n", "ratio", "squares", "products", "weight_squares", "center"],
            floor=1e-22,
        ),
        *scalar(
            "design_effect",
            "of accounts and of users at random",
            "numpy, account by account",
            1e-9,
            *accounts_at_random(),
            ["n", "all_n", "squares", "all_squares", "account_squares", "account_products", "all_account_squares"],
        ),
        *scalar(
            "design_effect",
            "without members, spread or a rest, and of accounts that cancel out",
            "by hand",
            1e-15,
            {
                # The last one is rounding: everybody is a member.
                "n": [0.0, 2.0, 2.0, 2.0, 4.0],
                "all_n": [4.0, 4.0, 4.0, 0.0, 4.0],
                "squares": [0.0, 0.0, 2.0, 0.0, 4.0],
                "all_squares": [4.0, 0.0, 4.0, 0.0, 4.0 + 2e-15],
                "account_squares": [0.0, 0.0, 0.0, 0.0, 8.0],
                "account_products": [0.0, 0.0, 0.0, 0.0, 8.0],
                "all_account_squares": [4.0, 0.0, 0.0, 0.0, 8.0 + 2e-14],
            },
            [np.nan, 1.0, 1.0, np.nan, 1.0],
            ["n", "all_n", "squares", "all_squares", "account_squares", "account_products", "all_account_squares"],
        ),
        *scalar(
            "account_pull",
            "of accounts of any size",
            "numpy, (I − H)^(−1/2) of the account's users in a regression on a constant",
            1e-12,
            *pulls_of_accounts(),
            ["account_n", "n"],
        ),
        *scalar(
            "account_pull",
            "of a user alone, of nearly all, of all, and of nobody",
            "by hand",
            1e-15,
            {"account_n": [1.0, 1.0, 16.0, 17.0, 16.5, 0.0], "n": [2.0, 1e6, 17.0, 17.0, 17.0, 0.0]},
            [1.0, 1.0, 4.0, 4.0, 4.0, np.nan],
            ["account_n", "n"],
        ),
        *scalar(
            "share_design_effect",
            "of accounts at random, with one account, and with nobody alone",
            "statsmodels OLS on a constant, errors clustered by account",
            1e-9,
            *shares_at_random(),
            ["successes", "n", "success_squares", "products", "squares"],
        ),
        *scalar(
            "share_design_effect",
            "where all or none are successes, of nobody, and of numbers that cannot be",
            "by hand",
            1e-15,
            {
                "successes": [0.0, 6.0, 1.0, 0.0, 7.0, -1.0],
                "n": [6.0, 6.0, 1.0, 0.0, 6.0, 6.0],
                "success_squares": [0.0, 14.0, 1.0, 0.0, 9.0, 1.0],
                "products": [0.0, 14.0, 1.0, 0.0, 9.0, 1.0],
                "squares": [14.0, 14.0, 1.0, 0.0, 14.0, 14.0],
            },
            [14 / 6, 14 / 6, 1.0, np.nan, np.nan, np.nan],
            ["successes", "n", "success_squares", "products", "squares"],
        ),
        *scalar(
            "residual_variance",
            "of zeros that are left when others are taken away: exactly 0",
            "by hand",
            1e-9,
            *sums_taken_away(0),
            ["n", "ratio", "squares", "products", "weight_squares", "center", "taken_from"],
            floor=1e-300,
        ),
        *scalar(
            "residual_variance",
            "of values that are left when others are taken away, absolute",
            "numpy var(ddof=1)",
            1e-9,
            *sums_taken_away(0.1),
            ["n", "ratio", "squares", "products", "weight_squares", "center", "taken_from"],
        ),
        *scalar(
            "skewness_from_sums",
            "samples of 0 to 400",
            "scipy skew(bias=True)",
            1e-9,
            cubed,
            [skewness(sample) for sample in heavy],
            ["n", "total", "squares", "cubes"],
        ),
        *scalar(
            "skewness_from_sums",
            "with hardly a spread",
            "by hand",
            1e-12,
            {"n": [2, 2, 4], "total": [2.0, 2.0, 1.0], "squares": [2 + 2**-41, 2 + 2**-29, 1.0], "cubes": [2.0, 2 + 3 * 2**-29, 1.0]},
            [np.nan, 0.0, stats.skew([1, 0, 0, 0])],
            ["n", "total", "squares", "cubes"],
        ),
    ]


def always_valid_claims() -> list[Claim]:
    rng = random()
    rows = pd.DataFrame({"error": log_uniform(rng, -6, 3, 200), "users": rng.integers(1, 200_000, 200), "z": rng.uniform(-9, 9, 200)})
    rows.loc[0:3, "users"], rows.loc[0:3, "z"] = [1, 2, 20_000, 10**9], [0.0, 1e-9, 40.0, 80.0]
    found: list[Claim] = []
    for variables, planned in ((LEVELS, 20_000), (LEVELS, 0.5), (OTHER_LEVELS, 7), (EXTREME_LEVELS, 10**7)):
        alpha = 1 - variables["confidence_level"]
        about = f"{planned} users planned, at {variables['confidence_level']}"
        rho = np.sqrt((-2 * np.log(alpha) + np.log(1 - 2 * np.log(alpha))) / planned)
        n = rows["users"].to_numpy(dtype=float)
        spread = n * rho**2
        half = rows["error"] * np.sqrt(n) * np.sqrt(2 * (spread + 1) * np.log(np.sqrt(spread + 1) / alpha) / (n * rho) ** 2)
        p = [1 / max(1.0, mixture_ratio(z, one, rho)) for z, one in zip(rows["z"], n)]

        def p_at_the_edge(macros: dict[str, Any], planned: float = planned) -> str:
            half_width = macros["always_valid_half_width"]("error", "users", planned)
            return f"""
                select row, {macros["always_valid_p_value"]("z", "users", planned)} as result
                from (select row, users, {half_width} / error as z from grid)
            """

        found += scalar(
            "always_valid_half_width",
            f"{about}, relative",
            "numpy",
            1e-12,
            rows,
            half,
            ["error", "users"],
            [planned],
            floor=0,
            variables=variables,
        )
        found += scalar(
            "always_valid_p_value",
            about,
            "scipy trapezoid over the mixture of likelihood ratios",
            1e-9,
            rows,
            p,
            ["z", "users"],
            [planned],
            variables=variables,
        )
        found.append(
            Claim(
                "always_valid_p_value",
                f"at the edge of the interval, {about}, relative",
                "1 - confidence_level",
                1e-9,
                rows,
                np.full(200, alpha),
                p_at_the_edge,
                0.0,
                variables,
            )
        )

    def unusable_rows(macro: str, rows: dict[str, list[float]]) -> Claim:
        return Claim(
            macro,
            "nothing to say",
            "NULL",
            0.0,
            pd.DataFrame(rows),
            np.full(4, np.nan),
            lambda macros: f"select row, {macros[macro](*rows, 20_000)} as result from grid",
        )

    return found + [
        unusable_rows("always_valid_half_width", {"error": [0.0, -1, 1, 1], "users": [5.0, 5, 0, -5]}),
        unusable_rows("always_valid_p_value", {"z": [2.0, 0, 0, 2], "users": [0.0, 0, -5, -1e9]}),
        *scalar(
            "always_valid_p_value",
            "far out",
            "0 and 1",
            0.0,
            {"z": [1e3, -1e200, 0.0, 1.0], "users": [10**6] * 4},
            [0, 0, 1, 1],
            ["z", "users"],
            [20_000],
        ),
    ]


def mixture_ratio(z: float, users: float, rho: float) -> float:
    """What a drift drawn from N(0, rho) makes likelier than none, of a sum of `users` values that is z errors from 0."""
    total = z * np.sqrt(users)
    center, spread = total * rho**2 / (1 + users * rho**2), rho / np.sqrt(1 + users * rho**2)
    drift = center + spread * np.linspace(-12, 12, 1001)
    log_ratio = total * drift - users * drift**2 / 2
    return integrate.trapezoid(np.exp(log_ratio - drift**2 / (2 * rho**2)) / (rho * np.sqrt(2 * np.pi)), drift)


def combined_claims() -> list[Claim]:
    rng = random()
    families = []
    for family in range(90):
        size = 1 if family < 30 else rng.integers(2, 12)
        error = log_uniform(rng, -2, 1, size)
        effect = rng.normal(3, error * rng.choice([0.5, 1, 4]), size)
        families.append(pd.DataFrame({"family": float(family), "half": family % 2, "effect": effect, "error": error}))
    families[40]["effect"] = 5.0
    families[50]["error"] = 0.3
    families[60] = families[60].assign(effect=np.nan)
    families[61] = families[61].assign(error=0.0)
    families[62] = families[62].assign(error=np.nan)
    families[63].loc[0, "effect"], families[64].loc[0, "error"], families[65].loc[0, "error"] = np.nan, np.nan, 0.0
    families[89]["family"] = np.nan
    rows = pd.concat(families, ignore_index=True)
    columns = ["effects", "fixed_effect", "fixed_effect_error", "q", "i_squared", "tau_squared", "random_effect"]
    expected = []
    for family in families:
        told = family[(family["effect"].notna()) & (family["error"] > 0)]
        effect, variance = told["effect"].to_numpy(), told["error"].to_numpy() ** 2
        if len(told) < 2:
            expected.append([1, effect[0], np.sqrt(variance[0]), 0, 0, 0, effect[0]] if len(told) else [np.nan] * 7)
            continue
        result = meta_analysis.combine_effects(effect, variance, method_re="dl")
        tau_squared = max(0.0, result.tau2)
        expected.append(
            [
                len(told),
                result.mean_effect_fe,
                result.sd_eff_w_fe,
                result.q,
                max(0.0, result.i2) if result.q > 1e-9 else 0.0,
                tau_squared,
                np.average(effect, weights=1 / (variance + tau_squared)) if result.tau2 < 0 else result.mean_effect_re,
            ]
        )

    def combined(macros: dict[str, Any]) -> str:
        body = macros["combined_effects"]("grid", "effect", "error", ["half", "family"])
        selects = " union all ".join(
            f"select {place * 90} + coalesce(families.family, 89) as row, combined.{name} as result "
            "from families left join combined on families.family is not distinct from combined.family and families.half = combined.half"
            for place, name in enumerate(columns)
        )
        return f"with combined as ({body}), families as (select family, half from grid group by family, half) {selects}"

    return [
        Claim(
            "combined_effects",
            "families of 1 to 11 groups, also none that counts",
            "statsmodels combine_effects(dl)",
            1e-10,
            rows,
            np.array(expected).T.ravel(),
            combined,
        )
    ]


def auc_claims() -> list[Claim]:
    rng = random()
    sizes = [(0, 5), (5, 0), (1, 1), (1, 6), (6, 1), (2, 2), (3, 40), *zip(rng.integers(2, 80, 30), rng.integers(2, 80, 30))]
    samples = [
        (np.round(rng.normal(rng.uniform(-1, 3), 1, positives), place % 2), np.round(rng.normal(0, 1, negatives), place % 2))
        for place, (positives, negatives) in enumerate(sizes)
    ]
    samples += [(np.full(6, 2.0), np.full(4, 2.0)), (np.arange(5.0) + 9, np.arange(7.0)), (np.arange(5.0) - 9, np.arange(7.0))]
    rows = pd.DataFrame(
        [
            {"sample": float(place) if place else np.nan, "outcome": outcome, "score": score}
            for place, sample in enumerate(samples)
            for outcome, group in zip((1, 0), sample)
            for score in group
        ]
    )
    rows["account"] = rng.integers(0, 6, len(rows)).astype(float)
    summaries, placements, witnesses, first = [], [], [], 0
    for positive, negative in samples:
        above = (positive[:, None] > negative[None, :]) + 0.5 * (positive[:, None] == negative[None, :])
        shares = above.mean(axis=1), 1 - above.mean(axis=0)
        placements += [*shares[0], *shares[1]]
        known = len(positive) > 0 and len(negative) > 0
        accounts = rows["account"].to_numpy()[first : first + len(positive) + len(negative)]
        first += len(accounts)
        parts = (
            np.concatenate([share - share.mean() for share in shares])
            / np.repeat([max(len(positive), 1), -max(len(negative), 1)], [len(positive), len(negative)])
            if known
            else np.full(len(accounts), np.nan)
        )
        by_account = sum(parts[accounts == account].sum() ** 2 for account in np.unique(accounts))
        by_row = (parts**2).sum()
        witnesses.append([len(np.unique(accounts)), max(1.0, by_account / by_row) if by_row > 1e-18 else 1.0 if known else np.nan])
        enough = len(positive) > 1 and len(negative) > 1
        outcomes = np.repeat([1, 0], [len(positive), len(negative)])
        summaries.append(
            [
                len(outcomes),
                len(positive),
                roc_auc_score(outcomes, np.concatenate([positive, negative])) if known else np.nan,
                np.sqrt(shares[0].var(ddof=1) / len(positive) + shares[1].var(ddof=1) / len(negative)) if enough else np.nan,
            ]
        )
    columns = ["n", "positives", "auc", "auc_standard_error"]
    whole = rows["outcome"] == 1
    score = rows["score"].to_numpy()
    above = (score[:, None] > score[None, :]) + 0.5 * (score[:, None] == score[None, :])
    of_other = np.where(whole, above[:, ~whole].mean(axis=1), above[:, whole].mean(axis=1))

    whole_parts = np.where(whole, of_other - of_other[whole].mean(), of_other[~whole].mean() - of_other)
    whole_parts = whole_parts / np.where(whole, whole.sum(), (~whole).sum())
    by_account = rows.assign(part=whole_parts).groupby("account")["part"].sum()
    of_all = np.array([len(by_account), max(1.0, (by_account**2).sum() / (whole_parts**2).sum())])

    def placed(macros: dict[str, Any], partition_by: list[str]) -> str:
        return f"select row, share_below as result from ({macros['auc_placements']('grid', 'score', 'outcome', partition_by)})"

    def summed(macros: dict[str, Any]) -> str:
        selects = " union all ".join(
            f"select {place * len(samples)} + coalesce(sample, 0) as row, {name} as result from summed"
            for place, name in enumerate(columns)
        )
        return f"""
            with placed as ({macros["auc_placements"]("grid", "score", "outcome", ["sample"])}),
            summed as (select sample, {macros["auc_summary"]("outcome")} from placed group by sample)
            {selects}
        """

    def witnessed(macros: dict[str, Any]) -> str:
        return f"""
            with placed as ({macros["auc_placements"]("grid", "score", "outcome", ["sample"])}),
            witnesses as ({macros["auc_accounts"]("placed", "outcome", "account", ["sample"])})
            select coalesce(sample, 0) as row, accounts as result from witnesses
            union all
            select {len(samples)} + coalesce(sample, 0), design_effect from witnesses
        """

    def all_witnessed(macros: dict[str, Any]) -> str:
        return f"""
            with placed as ({macros["auc_placements"]("grid", "score", "outcome", [])}),
            witnesses as ({macros["auc_accounts"]("placed", "outcome", "account", [])})
            select 0 as row, accounts as result from witnesses union all select 1, design_effect from witnesses
        """

    def summed_nothing(macros: dict[str, Any]) -> str:
        selects = " union all ".join(f"select {place} as row, {name} as result from summed" for place, name in enumerate(columns))
        return f"""
            with placed as (select * from ({macros["auc_placements"]("grid", "score", "outcome", [])}) where false),
            summed as (select {macros["auc_summary"]("outcome")} from placed)
            {selects}
        """

    def quality(macros: dict[str, Any]) -> str:
        levels = " ".join(f"when '{name}' then {level}" for level, name in enumerate(("insufficient", "low_counts", "small_n", "ok")))
        return f"select row, case {macros['auc_quality']('n', 'positives')} {levels} end as result from grid"

    counts = pd.DataFrame(
        [
            {"n": float(positives + negatives), "positives": float(positives)}
            for positives in (0, 1, 2, 4, 5, 29, 30, 900)
            for negatives in (0, 1, 2, 4, 5, 29, 30, 900)
        ]
        + [{"n": np.nan, "positives": 90.0}, {"n": 90.0, "positives": np.nan}, {"n": np.nan, "positives": np.nan}]
    )
    smaller = np.minimum(counts["positives"], counts["n"] - counts["positives"]).to_numpy()
    found: list[Claim] = []
    bounds = pd.DataFrame({"auc": rng.uniform(0, 1, 200), "error": log_uniform(rng, -4, 0, 200)})
    for variables in (LEVELS, OTHER_LEVELS):
        interval = stats.norm.interval(variables["confidence_level"], bounds["auc"], bounds["error"])
        for side, bound in zip(("lower", "upper"), interval):
            found += scalar(
                "auc_bound",
                f"{side}, at {variables['confidence_level']}",
                "scipy norm.interval, cut off at 0 and 1",
                1e-13,
                bounds,
                np.clip(bound, 0, 1),
                ["auc", "error"],
                [side],
                variables=variables,
            )
    return found + [
        *unusable("auc_bound", *(f"{call}, {side}" for side in ("lower", "upper") for call in ("1, 0", "0.5, 0", "0, 0", "0.5, -1"))),
        Claim(
            "auc_placements",
            "40 samples, ties, one outcome only",
            "all pairs, numpy",
            1e-14,
            rows,
            np.array(placements),
            functools.partial(placed, partition_by=["sample"]),
        ),
        Claim("auc_placements", "one sample", "all pairs, numpy", 1e-14, rows, of_other, functools.partial(placed, partition_by=[])),
        Claim(
            "auc_summary",
            "40 samples, ties, one outcome only",
            "scikit-learn roc_auc_score; DeLong by all pairs, numpy",
            1e-13,
            rows,
            np.array(summaries, dtype=float).T.ravel(),
            summed,
        ),
        Claim(
            "auc_accounts",
            "40 samples of 6 accounts",
            "all pairs, added up by account, numpy",
            1e-12,
            rows,
            np.array(witnesses, dtype=float).T.ravel(),
            witnessed,
        ),
        Claim("auc_accounts", "one sample", "all pairs, added up by account, numpy", 1e-12, rows, of_all, all_witnessed),
        Claim("auc_summary", "of no row", "0 and NULL", 0.0, rows, np.array([0, 0, np.nan, np.nan]), summed_nothing),
        Claim(
            "auc_quality",
            "0 to 900 of each outcome, and NULL",
            "by hand",
            0.0,
            counts,
            np.where(np.isnan(smaller), 0.0, np.searchsorted([2, 5, 30], smaller, side="right")),
            quality,
        ),
    ]


@functools.cache
def claims() -> list[Claim]:
    """Every claim; made once."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [
            *normal_claims(),
            *student_claims(),
            *chi_square_claims(),
            *weighted_chi_square_claims(),
            *share_claims(),
            *mean_claims(),
            *rank_claims(),
            *ratio_claims(),
            *nps_claims(),
            *family_claims(),
            *sum_claims(),
            *always_valid_claims(),
            *combined_claims(),
            *auc_claims(),
        ]

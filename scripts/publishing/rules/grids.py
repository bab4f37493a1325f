"""Grids on which the numbers of comparisons are published: how far one person moves them decides how wide."""

from __future__ import annotations

# How far one person moves a sum of a metric, and its square: rounding.py. Grids of the means of a row, of their variances, and of
# the squares of half the widths of intervals.
GRIDS = {
    "_grid": "nice(_unit / n)",
    "_baseline_grid": "nice(_unit / baseline_n)",
    "_wider_grid": "greatest(_grid, _baseline_grid)",
    "_margin_grid": "nice(2 * (_square / n / n + _square / baseline_n / baseline_n))",
    "_sum_grid": "nice(_unit)",
    "_square_grid": "nice(_square)",
    "_mean": "mean_on_grid(mean, n, _sum_grid, n)",
    "_baseline_mean": "mean_on_grid(baseline_mean, baseline_n, _sum_grid, baseline_n)",
}

# The same of ratios, where a person counts for more the less the divisor of all is.
WEIGHTED_GRIDS = {
    "_grid": "nice(_unit / _weight)",
    "_baseline_grid": "nice(_unit / _baseline_weight)",
    "_wider_grid": "greatest(_grid, _baseline_grid)",
    "_sum_grid": "nice(_unit)",
    "_square_grid": "nice(_square)",
    "_divisor": "on_grid(_capped, nice(_step))",
    "_baseline_divisor": "on_grid(_baseline_capped, nice(_step))",
    "_mean": "mean_on_grid(mean, _capped, _sum_grid, _divisor)",
    # The rest is what the segment leaves of all: computed from the published means of both, it tells nothing more.
    "_baseline_mean": (
        "case when baseline = 'rest' then (on_grid(_mean_of_all * _capped_of_all, _sum_grid) - on_grid(mean * _capped, _sum_grid)) "
        "/ nullif(on_grid(_capped_of_all, nice(_step)) - _divisor, 0) "
        "else mean_on_grid(baseline_mean, _baseline_capped, _sum_grid, _baseline_divisor) end"
    ),
}
DIFFERENCE_ON_GRID = "round(_mean - _baseline_mean, 12)"
LIFT_ON_GRID = "round(_mean / nullif(_baseline_mean, 0) - 1, 6)"


def interval(column: str, center: str, grid: str) -> dict[str, str]:
    """The two ends of an interval around `column`, which is published as `center`."""
    return {
        f"{column}_lower": f"round({center} - margin_on_grid({column} - {column}_lower, {grid}), 12)",
        f"{column}_upper": f"round({center} + margin_on_grid({column}_upper - {column}, {grid}), 12)",
    }


def compared_on_grid(weight: str, divisor: str, paired: str) -> tuple[dict[str, str], dict[str, str]]:
    """Helpers and columns of a comparison of two groups.

    `weight`: the divisor of the mean, and `divisor` the same as it is rounded; of the other group their names have `baseline_` in them.
    `paired`: SQL, whether it is the same users at two times. Intervals and effects are computed from the published means and deviations:
    rounded on their own they would tell these once more, and between two grids little room is left.
    """
    mine = divisor
    others_weight, other = ("baseline_n" if name == "n" else f"_baseline{name}" for name in (weight, divisor))
    # What is detectable depends on the sum of squares of both groups together: its square times this is eight times that.
    both = f"(n * baseline_n * pow(({mine} + {other}) / (n + baseline_n), 2) * (n + baseline_n - 1) / (n + baseline_n))"
    least = "_square_grid / 4"
    pooled = (
        f"(greatest(_squares, {least}) * pow(n / nullif({mine}, 0), 2) + greatest(_baseline_squares, {least}) * "
        f"pow(baseline_n / nullif({other}, 0), 2)) / nullif(n + baseline_n - 2, 0)"
    )
    helpers = {
        "_squares": f"squares_on_grid(standard_deviation, n, {weight}, _square_grid)",
        "_baseline_squares": f"squares_on_grid(baseline_standard_deviation, baseline_n, {others_weight}, _square_grid)",
        "_error": f"error_of(_squares, n, {mine}, _square_grid)",
        "_baseline_error": f"error_of(_baseline_squares, baseline_n, {other}, _square_grid)",
        # How many errors wide half an interval is: 2, or somewhat more where there are few users.
        "_errors": (
            "coalesce(round((difference - difference_lower) / nullif(sqrt(pow(standard_deviation, 2) / n + "
            "pow(baseline_standard_deviation, 2) / baseline_n), 0), 1), 2)"
        ),
        "_margin": (
            f"case when {paired} then sqrt(greatest(on_grid(pow((difference - difference_lower) * {mine}, 2) * (n - 1) / n, "
            f"4 * _square_grid), 2 * _square_grid) * n / nullif(n - 1, 0)) / nullif({mine}, 0) "
            "else _errors * sqrt(_error + _baseline_error) end"
        ),
        "_lift_margin": (
            f"case when _mean > 0 and _baseline_mean > 0 then case when {paired} then _margin / _mean "
            "else _errors * sqrt(_error / pow(_mean, 2) + _baseline_error / pow(_baseline_mean, 2)) end end"
        ),
    }
    columns = {
        "mean": "_mean",
        "baseline_mean": "round(_baseline_mean, 12)",
        "standard_deviation": f"deviation_of(_squares, n, {mine})",
        "baseline_standard_deviation": f"deviation_of(_baseline_squares, baseline_n, {other})",
        "difference": f"case when difference is not null then {DIFFERENCE_ON_GRID} end",
        "difference_lower": f"case when difference_lower is not null then round({DIFFERENCE_ON_GRID} - _margin, 12) end",
        "difference_upper": f"case when difference_upper is not null then round({DIFFERENCE_ON_GRID} + _margin, 12) end",
        "lift": f"case when lift is not null then {LIFT_ON_GRID} end",
        "lift_lower": "case when lift_lower is not null then round(_mean / _baseline_mean * exp(-_lift_margin) - 1, 6) end",
        "lift_upper": "case when lift_upper is not null then round(_mean / _baseline_mean * exp(_lift_margin) - 1, 6) end",
        "effect_size": (
            "case when effect_size is not null then round(case effect_size_kind "
            "when 'cliffs_delta' then on_grid(effect_size, greatest(nice(4 / least(n, baseline_n)), 1e-2)) "
            "when 'cohens_h' then 2 * asin(sqrt(greatest(least(_mean, 1), 0))) - 2 * asin(sqrt(greatest(least(_baseline_mean, 1), 0))) "
            f"else {DIFFERENCE_ON_GRID} / nullif(sqrt({pooled}), 0) end, 2) end"
        ),
        "smallest_detectable_difference": (
            "case when smallest_detectable_difference is not null then sqrt(greatest(on_grid(pow(smallest_detectable_difference, 2) "
            f"* {both}, 8 * _square_grid), 4 * _square_grid) / nullif({both}, 0)) end"
        ),
        "p_value": "band(p_value)",
        "q_value": "band(q_value)",
    }
    return helpers, columns


SPREADS, COMPARED_ON_GRID = compared_on_grid("n", "n", "false")
WEIGHTED_SPREADS, WEIGHTED_ON_GRID = compared_on_grid("_capped", "_divisor", "baseline = 'previous_period'")

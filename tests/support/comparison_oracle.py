"""What segment_comparison should say, from scipy, statsmodels and pandas alone: users in, one dict per comparison out.

Nothing here knows how the mart computes. Where a library has the test itself it is used as it is; the randomization z of means
and ratios is scipy's correlation of the values with membership, times √(N − 1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_effectsize

NAN = math.nan
Z = stats.norm.ppf(0.975)
POWER = Z + stats.norm.ppf(0.8)


@dataclass
class Values:
    """A metric of the users of a date: value and weight (1 but for ratios), before and after the cap; NaN where it is NULL."""

    kind: str
    raw: pd.Series
    raw_weight: pd.Series
    caps: tuple[float, float]

    @classmethod
    def of(cls, metric: dict[str, Any], numerator: pd.Series, denominator: pd.Series | None) -> Values:
        weight = pd.Series(1.0, index=numerator.index) if denominator is None else denominator
        missing = numerator.isna() | weight.isna()
        numerator, weight = numerator.mask(missing), weight.mask(missing)
        caps = [math.inf, math.inf]
        if metric["is_heavy_tailed"]:
            for place, column in enumerate([numerator, weight] if denominator is not None else [numerator]):
                known = column.dropna()
                if len(known):
                    cap = np.quantile(known, 0.99, method="inverted_cdf")
                    caps[place] = cap if cap > known.min() else math.inf
        return cls(metric["kind"], numerator, weight, tuple(caps))

    def capped(self, caps: tuple[float, float] | None = None) -> tuple[pd.Series, pd.Series]:
        caps = caps or self.caps
        if self.kind != "ratio":
            return self.raw.clip(upper=caps[0]), self.raw_weight
        # Capped as one: whoever is above either cap counts for less, and says the same.
        shrunk = np.minimum(1, np.minimum(*(np.where(part > cap, cap / part, 1) for part, cap in zip((self.raw, self.raw_weight), caps))))
        return self.raw * shrunk, self.raw_weight * shrunk


def ratio_of(value: pd.Series, weight: pd.Series) -> float:
    return value.sum() / weight.sum() if len(value) and weight.sum() else NAN


def linearized(value: pd.Series, weight: pd.Series) -> pd.Series:
    """Per user a value whose mean is the ratio and whose standard error is the ratio's, by the delta method."""
    ratio = ratio_of(value, weight)
    return ratio + (value - ratio * weight) / weight.mean()


def spread(values: pd.Series) -> float:
    """Standard deviation, exactly 0 where only rounding is left."""
    if len(values) < 2:
        return NAN
    deviation = values.std(ddof=1)
    return 0.0 if deviation <= 1e-11 * values.abs().max() else deviation


def skewness(values: pd.Series) -> float:
    return float(stats.skew(values)) if len(values) and spread(values) else NAN


def correlation_z(values: pd.Series, inside: pd.Series) -> float:
    """The randomization z: how the values go with membership."""
    if len(values) < 3 or not spread(values):
        return NAN
    return stats.pearsonr(values, inside.astype(float)).statistic * math.sqrt(len(values) - 1)


MIN_TEST_USERS, MIN_TEST_ACCOUNTS = 30, 20


def sampling_skew(skew: float, n: float, baseline_n: float) -> float:
    """Skewness of the difference of two means if values are dealt at random."""
    size = n + baseline_n
    if math.isnan(skew) or math.isnan(size) or not (n > 0 and baseline_n > 0 and size > 2):
        return 0.0
    return skew * (baseline_n - n) / (size - 2) * math.sqrt((size - 1) / (n * baseline_n))


def score(z: float, skew: float) -> float:
    """The normal score of a value of Pearson's type III: test_statistics.py holds it to scipy's pearson3."""
    x = z * skew / 2
    if abs(x) < 0.025:
        return z - skew * (z * z - 1) / 6 + skew**2 * z * (7 * z * z - 1) / 144
    if x <= -1:
        return math.copysign(40, z)
    w = math.copysign(math.sqrt(8 * (x - math.log1p(x))) / abs(skew), z)
    return w + math.log(z / w) / w


def both_tails(z: float, skew: float) -> float:
    if math.isnan(z):
        return NAN
    return float(stats.norm.sf(score(abs(z), skew)) + stats.norm.cdf(score(-abs(z), skew)))


def quality_of(kind: str, n: int, baseline_n: int, accounts: int, smallest_cell: float, skew: float) -> str:
    """`accounts`: of the side that has fewer; `skew`: of the statistic."""
    smaller = min(n, baseline_n)
    if smaller < MIN_TEST_USERS or accounts < MIN_TEST_ACCOUNTS:
        return "insufficient"
    if kind == "binary" and smallest_cell < 5:
        return "low_counts"
    return "skewed" if abs(skew) > 1 else "ok"


def dealt(residuals: pd.Series, adds: Any, accounts: pd.Series) -> float:
    """The design effect of Σ adds · residual around a mean of all of them: a large account pulls that mean to itself, by its share of
    the users. `adds` is what each user counts on one side less on the other."""
    owners = accounts.to_numpy()
    residuals, adds = pd.Series(np.asarray(residuals, dtype=float)), np.asarray(adds, dtype=float)
    own, colleagues = residuals.groupby(owners).transform("mean"), residuals.groupby(owners).transform("size")
    count = len(residuals)
    # As the square root of what is left of the variance of an account's mean; that of a user's own is in every variance anyway.
    pull = ((count - 1) / (count - colleagues).clip(lower=1)) ** 0.5
    scores, freed = adds * residuals, adds * (residuals + (pull - 1) * own)
    by_user, by_account = float((scores**2).sum()), float((freed.groupby(owners).sum() ** 2).sum())
    return max(1.0, by_account / by_user) if by_user > 1e-20 * max(1.0, float(scores.abs().max())) else 1.0


def alike(scores: pd.Series, accounts: pd.Series) -> float:
    """The design effect: the variance of a sum of scores by account over that by user, at least 1."""
    by_user = float((scores**2).sum())
    by_account = float((scores.groupby(accounts.to_numpy()).sum() ** 2).sum())
    return max(1.0, by_account / by_user) if by_user > 1e-20 * max(1.0, float(scores.abs().max())) else 1.0


def lift_bounds(mean: float, baseline_mean: float, relative_variance: float) -> tuple[float, float]:
    log = math.log(mean / baseline_mean)
    return tuple(math.exp(log + sign * Z * math.sqrt(relative_variance)) - 1 for sign in (-1, 1))


def against(
    values: Values, members: pd.Series, others: pd.Series, strata: pd.Series, accounts: pd.Series, are_all: bool = False
) -> dict[str, Any]:
    """A segment against other users of the same date. `members` and `others` are boolean over all users of the date; a user of both is on
    both sides. `are_all`: the others are everybody, which is described and not tested."""
    value, weight = values.capped()
    known = value.notna()
    inside, outside = members & known, others & known
    overlapping = bool((members & others).any())
    a, aw, b, bw = value[inside], weight[inside], value[outside], weight[outside]
    n, m = len(a), len(b)
    row: dict[str, Any] = {
        "n": n,
        "baseline_n": m,
        "mean": ratio_of(a, aw),
        "baseline_mean": ratio_of(b, bw),
        "raw_mean": ratio_of(values.raw[inside], values.raw_weight[inside]),
        "baseline_raw_mean": ratio_of(values.raw[outside], values.raw_weight[outside]),
        "is_overlapping": overlapping,
    }
    is_ratio = values.kind == "ratio"
    one = linearized(a, aw) if is_ratio else a
    two = linearized(b, bw) if is_ratio else b
    both, both_weight = pd.concat([a, b]), pd.concat([aw, bw])
    labels = pd.Series([True] * n + [False] * m)
    pooled = linearized(both, both_weight) if is_ratio else both
    residuals = both - ratio_of(both, both_weight) * both_weight if is_ratio else both
    row["standard_deviation"], row["baseline_standard_deviation"] = spread(one), spread(two)
    difference = row["difference"] = row["mean"] - row["baseline_mean"]
    row["lift"] = row["mean"] / row["baseline_mean"] - 1 if row["baseline_mean"] > 0 and values.kind not in ("nps", "ordinal") else NAN

    # Shape of what the test uses, over all users of the date.
    everyone, everyone_weight = value[known], weight[known]
    if is_ratio:
        everyone = everyone - ratio_of(everyone, everyone_weight) * everyone_weight
    if values.kind == "ordinal":
        everyone = pd.Series(stats.rankdata(everyone))
    shared = inside & outside
    left, tested_n, tested_m, tested_accounts = 1.0, n, m, (accounts[a.index].nunique(), accounts[b.index].nunique())
    if shared.any() and not are_all:
        # Who is on both sides adds e / n - e / m to the difference. That is much where m is large beside n, or if nobody else is in it.
        left = 1 - 2 * shared.sum() / (n + m)
        sides = []
        for side, size, other_size in ((inside, n, m), (outside, m, n)):
            is_smaller = size < other_size or (size == other_size and side is inside)
            counts = is_smaller and (other_size >= 2 * size or shared.sum() == size)
            sides.append(side if counts else side & ~shared)
        tested_n, tested_m = (int(side.sum()) for side in sides)
        tested_accounts = tuple(accounts[side].nunique() for side in sides)
    cell = min(tested_n, tested_m) * min(both.sum(), n + m - both.sum()) / (n + m) if n + m else 0
    row["accounts"], row["baseline_accounts"] = accounts[a.index].nunique(), accounts[b.index].nunique()
    row["design_effect"] = effect = NAN
    if not are_all and n:
        union = inside | outside
        scores = value[union] - ratio_of(value[union], weight[union]) * weight[union] if is_ratio else value[union]
        if values.kind == "ordinal":
            scores = pd.Series(stats.rankdata(scores), index=scores.index)
        # What each user adds to the difference of the two means, if the mean of all of them is known.
        adds = inside[union] / n - outside[union] / m if m else 0.0 * inside[union]
        effect = dealt(scores - scores.mean(), adds, accounts[union])
        row["design_effect"] = effect
    shape = skewness(everyone)
    if values.kind == "binary":
        share = both.sum() / (n + m) if n and m else NAN
        shape = (1 - 2 * share) / math.sqrt(share * (1 - share)) if 0 < share < 1 else NAN
    counted = 1.0 if math.isnan(effect) else effect
    skew = sampling_skew(shape, tested_n / counted, tested_m / counted)
    row["quality"] = quality_of(values.kind, tested_n, tested_m, min(tested_accounts), cell, skew)
    effect *= left
    root = math.sqrt(effect)
    tested = not are_all and row["quality"] != "insufficient" and not math.isnan(difference)

    statistic = NAN
    if values.kind == "binary" and tested and spread(both):
        table = [[a.sum(), n - a.sum()], [b.sum(), m - b.sum()]]
        chi_square = stats.chi2_contingency(table, correction=False).statistic * (n + m - 1) / (n + m)
        statistic = math.copysign(math.sqrt(chi_square), difference)
    elif values.kind == "ordinal" and tested and spread(both):
        test = stats.mannwhitneyu(a, b, method="asymptotic", use_continuity=False)
        statistic = math.copysign(stats.norm.isf(test.pvalue / 2), test.statistic - n * m / 2)
    elif tested:
        statistic = correlation_z(residuals.reset_index(drop=True), labels)
    statistic /= root
    row["statistic"] = statistic
    row["p_value"] = both_tails(statistic, skew)

    row["difference_lower"] = row["difference_upper"] = NAN
    if values.kind == "binary" and left == 1 and not are_all and n and m:
        row["difference_lower"], row["difference_upper"] = confint_proportions_2indep(
            a.sum() / effect, n / effect, b.sum() / effect, m / effect, method="newcomb"
        )
    elif not are_all and n > 1 and m > 1 and (spread(one) or spread(two)):
        welch = stats.ttest_ind(one, two, equal_var=False)
        degrees = n + m - 2
        pooled_error = math.sqrt(((n - 1) * spread(one) ** 2 + (m - 1) * spread(two) ** 2) / degrees * (1 / n + 1 / m))
        interval = welch.confidence_interval(0.95)
        margin = (interval.high - interval.low) / 2
        welch_error = math.sqrt(spread(one) ** 2 / n + spread(two) ** 2 / m)
        margin *= max(1.0, pooled_error / welch_error) * root
        row["difference_lower"], row["difference_upper"] = difference - margin, difference + margin
    row["lift_lower"] = row["lift_upper"] = NAN
    if not are_all and not math.isnan(row["lift"]) and row["mean"] > 0 and n > 1 and m > 1 and spread(pooled):
        variance = spread(one) ** 2 / n / row["mean"] ** 2 + spread(two) ** 2 / m / row["baseline_mean"] ** 2
        if variance > 0:
            row["lift_lower"], row["lift_upper"] = lift_bounds(row["mean"], row["baseline_mean"], variance * effect)

    row["effect_size"] = NAN
    if values.kind == "binary" and n and m:
        row["effect_size"] = proportion_effectsize(row["mean"], row["baseline_mean"])
    elif values.kind == "ordinal" and n and m:
        row["effect_size"] = 2 * stats.mannwhitneyu(a, b, method="asymptotic").statistic / (n * m) - 1
    elif values.kind not in ("binary", "ordinal"):
        row["effect_size"] = hedges_g(one, two, difference)
    row["smallest_detectable_difference"] = POWER * spread(pooled) * math.sqrt(1 / n + 1 / m) * root if tested and spread(pooled) else NAN

    frame = pd.DataFrame({"value": value, "weight": weight, "stratum": strata, "inside": inside, "outside": outside & ~inside})
    if overlapping:
        frame["outside"] = outside
    standard = standardized(frame)
    row["standardized_difference"], error, row["comparable_share"] = standard
    margin = Z * error * math.sqrt(effect) if error else NAN
    row["standardized_difference_lower"] = row["standardized_difference"] - margin
    row["standardized_difference_upper"] = row["standardized_difference"] + margin
    row["is_reversed"] = bool(difference * standard[0] < 0 and min(abs(difference), abs(standard[0])) > 1e-9 * (spread(pooled) or math.inf))
    row["composition_effect"] = NAN
    return row


def hedges_g(one: pd.Series, two: pd.Series, difference: float) -> float:
    n, m = len(one), len(two)
    if n < 2 or m < 2:
        return NAN
    pooled = math.sqrt(((n - 1) * spread(one) ** 2 + (m - 1) * spread(two) ** 2) / (n + m - 2))
    return difference / pooled * (1 - 3 / (4 * (n + m - 2) - 1)) if pooled else NAN


def standardized(frame: pd.DataFrame) -> tuple[float, float, float]:
    """Σ over strata of the segment's weight × the difference within the stratum, its standard error if all users were independent, and
    the share of its users who are in a stratum with others."""
    differences, weights, users, parts = [], [], 0, []
    for _, stratum in frame.groupby("stratum"):
        inside, outside = stratum[stratum["inside"]], stratum[stratum["outside"]]
        if inside["weight"].sum() > 0 and outside["weight"].sum() > 0:
            differences.append(ratio_of(inside["value"], inside["weight"]) - ratio_of(outside["value"], outside["weight"]))
            weights.append(inside["weight"].sum())
            users += len(inside)
            parts.append(
                [
                    (side["value"] - ratio_of(side["value"], side["weight"]) * side["weight"], side["weight"].sum())
                    for side in (inside, outside)
                ]
            )
    members = int(frame["inside"].sum())
    if not weights:
        return NAN, NAN, 0.0 if members else NAN

    def squares(left: pd.Series) -> float:
        return (len(left) - 1) * spread(left) ** 2 if len(left) > 1 else 0.0

    degrees = sum(len(left) - 1 for both in parts for left, _ in both)
    overall = sum(squares(left) for both in parts for left, _ in both) / degrees if degrees else NAN
    apart = together = 0.0
    for (left, weight), (baseline_left, baseline_weight) in parts:
        freedom = len(left) + len(baseline_left) - 2
        within = (squares(left) + squares(baseline_left)) / freedom if freedom else overall
        # Each side's ratio has the error of a mean of what is left, n / Σw times; the segment's weight is what it counts for.
        for side, total in ((left, weight), (baseline_left, baseline_weight)):
            together += weight**2 * within * len(side) / total**2
            apart += weight**2 * (spread(side) ** 2 if len(side) > 1 else within) * len(side) / total**2
    error = math.sqrt(max(apart, together)) / sum(weights)
    return float(np.average(differences, weights=weights)), error, users / members if members else NAN


@dataclass
class Paired:
    """A metric of the users who have it on two dates, by the caps of the later one; `was` is the earlier date. `now` has accounts divided as
    they were."""

    kind: str
    now: Values
    was: Values
    value: pd.Series
    weight: pd.Series
    old: pd.Series
    old_weight: pd.Series

    @classmethod
    def of(cls, now: Values, was: Values, full: pd.Series) -> Paired:
        """`full`: the users, by id, for whom the metric's window was full on the earlier date."""
        value, weight = now.capped()
        old, old_weight = was.capped(now.caps)
        ids = value.index.intersection(old.index)
        ids = ids[(value[ids].notna() & old[ids].notna() & full.reindex(ids, fill_value=False)).to_numpy()]
        return cls(now.kind, now, was, value[ids], weight[ids], old[ids], old_weight[ids])


def contrast(paired: Paired, members: pd.Series, change: float, accounts: pd.Series) -> dict[str, Any]:
    """How much more a segment's users changed (by `change`) than all others who were there too."""
    ids = paired.value.index
    inside = members.reindex(ids, fill_value=False).to_numpy()
    n, m = int(inside.sum()), int((~inside).sum())
    moves = paired.value - paired.old
    if paired.kind == "ratio":
        scores = linearized(paired.value, paired.weight) - linearized(paired.old, paired.old_weight)
        now, was = (
            ratio_of(value[~inside], weight[~inside]) for value, weight in ((paired.value, paired.weight), (paired.old, paired.old_weight))
        )
        others = now - was
    else:
        scores = np.sign(moves) if paired.kind == "ordinal" else moves
        others = moves[~inside].mean()
    one, two = scores[inside], scores[~inside]
    row: dict[str, Any] = {"n": n, "baseline_n": m, "mean": change if n else NAN, "baseline_mean": others, "is_overlapping": False}
    row["raw_mean"] = row["baseline_raw_mean"] = row["lift"] = row["lift_lower"] = row["lift_upper"] = NAN
    row["standard_deviation"], row["baseline_standard_deviation"] = spread(one), spread(two)
    difference = row["difference"] = row["mean"] - row["baseline_mean"]
    owners = accounts[ids]
    row["accounts"], row["baseline_accounts"] = owners[inside].nunique(), owners[~inside].nunique()
    cell = (moves != 0).sum() / 2 * min(n, m) / (n + m) if n + m else 0
    row["design_effect"] = effect = dealt(scores - scores.mean(), inside - n / (n + m), owners) if n else NAN
    counted = 1.0 if math.isnan(effect) else effect
    skew = sampling_skew(skewness(scores), n / counted, m / counted)
    row["quality"] = quality_of(paired.kind, n, m, min(row["accounts"], row["baseline_accounts"]), cell, skew)
    root = math.sqrt(effect)
    tested = row["quality"] != "insufficient" and not math.isnan(difference)
    labels = pd.Series(inside, index=ids)
    row["statistic"] = correlation_z(scores.reset_index(drop=True), labels.reset_index(drop=True)) / root if tested else NAN
    row["p_value"] = both_tails(row["statistic"], skew)
    row["difference_lower"] = row["difference_upper"] = NAN
    if n > 1 and m > 1 and (spread(one) or spread(two)):
        welch = stats.ttest_ind(one, two, equal_var=False)
        interval = welch.confidence_interval(0.95)
        pooled_error = math.sqrt(((n - 1) * spread(one) ** 2 + (m - 1) * spread(two) ** 2) / (n + m - 2) * (1 / n + 1 / m))
        welch_error = math.sqrt(spread(one) ** 2 / n + spread(two) ** 2 / m)
        margin = (interval.high - interval.low) / 2 * max(1.0, pooled_error / welch_error) * root
        row["difference_lower"], row["difference_upper"] = difference - margin, difference + margin
    if paired.kind == "ordinal":
        row["effect_size"] = one.mean() - two.mean() if n and m else NAN
    else:
        row["effect_size"] = hedges_g(one, two, difference)
    row["smallest_detectable_difference"] = POWER * spread(scores) * math.sqrt(1 / n + 1 / m) * root if tested and spread(scores) else NAN
    row["standardized_difference"] = row["comparable_share"] = row["composition_effect"] = NAN
    row["standardized_difference_lower"] = row["standardized_difference_upper"] = NAN
    row["is_reversed"] = False
    return row


def before(paired: Paired, members: pd.Series, mean_now: float, mean_before: float, accounts: pd.Series) -> dict[str, Any]:
    """A segment's members against themselves a period before, under the cap of the date."""
    ids = paired.value.index
    ids = ids[members.reindex(ids, fill_value=False).to_numpy()]
    values, previous = paired.now, paired.was
    a, aw, b, bw = paired.value[ids], paired.weight[ids], paired.old[ids], paired.old_weight[ids]
    n = len(ids)
    row: dict[str, Any] = {
        "n": n,
        "baseline_n": n,
        "mean": ratio_of(a, aw),
        "baseline_mean": ratio_of(b, bw),
        "raw_mean": ratio_of(values.raw[ids], values.raw_weight[ids]),
        "baseline_raw_mean": ratio_of(previous.raw[ids], previous.raw_weight[ids]),
        "is_overlapping": False,
    }
    is_ratio = values.kind == "ratio"
    one = linearized(a, aw) if is_ratio else a
    two = linearized(b, bw) if is_ratio else b
    change = one - two
    if n > 1 and change.std(ddof=1) <= 1e-9 * (one.std(ddof=1) + two.std(ddof=1)):
        change = pd.Series(change.mean(), index=change.index)
    row["standard_deviation"], row["baseline_standard_deviation"] = spread(one), spread(two)
    difference = row["difference"] = row["mean"] - row["baseline_mean"]
    row["lift"] = row["mean"] / row["baseline_mean"] - 1 if row["baseline_mean"] > 0 and values.kind not in ("nps", "ordinal") else NAN
    moved = int((a != b).sum())
    row["accounts"] = row["baseline_accounts"] = accounts[ids].nunique()
    row["quality"] = quality_of(values.kind, n, n, row["accounts"], moved / 2, 0.0)
    # Accounts, too, are as likely to have changed the other way.
    effect = alike(np.sign(a - b) if values.kind == "ordinal" else change, accounts[ids]) if n else NAN
    row["design_effect"] = effect
    root = math.sqrt(effect)
    tested = row["quality"] != "insufficient" and not math.isnan(difference)
    statistic = NAN
    if tested and values.kind == "binary" and moved:
        table = pd.crosstab(a, b).reindex(index=[0.0, 1.0], columns=[0.0, 1.0], fill_value=0)
        statistic = math.copysign(math.sqrt(mcnemar(table, exact=False, correction=False).statistic), difference)
    elif tested and values.kind == "ordinal" and moved:
        statistic = np.sign(a - b).sum() / math.sqrt(moved)
    elif tested and (spread(change) or abs(difference) > 1e-9):
        if spread(change):
            t = stats.ttest_1samp(change, 0).statistic
            statistic = t * math.sqrt(n / (t * t + n - 1))
        else:
            statistic = math.copysign(math.sqrt(n), difference)
    statistic /= root
    row["statistic"], row["p_value"] = statistic, 2 * stats.norm.sf(abs(statistic))
    row["difference_lower"] = row["difference_upper"] = row["lift_lower"] = row["lift_upper"] = NAN
    if n > 1 and spread(change):
        interval = stats.ttest_1samp(change, 0).confidence_interval(0.95)
        row["difference_lower"], row["difference_upper"] = (difference + (end - difference) * root for end in (interval.low, interval.high))
        if not math.isnan(row["lift"]) and row["mean"] > 0:
            relative = one / row["mean"] - two / row["baseline_mean"]
            if relative.std(ddof=1) > 1e-6 * (one / row["mean"]).std(ddof=1):
                row["lift_lower"], row["lift_upper"] = lift_bounds(row["mean"], row["baseline_mean"], relative.var(ddof=1) / n * effect)
    row["effect_size"] = NAN
    if n and values.kind == "binary":
        row["effect_size"] = proportion_effectsize(row["mean"], row["baseline_mean"])
    elif n and values.kind == "ordinal":
        row["effect_size"] = np.sign(a - b).mean()
    elif values.kind not in ("binary", "ordinal"):
        row["effect_size"] = hedges_g(one, two, difference)
    row["smallest_detectable_difference"] = POWER * spread(change) / math.sqrt(n) * root if tested and spread(change) else NAN
    row["standardized_difference"] = row["comparable_share"] = NAN
    row["standardized_difference_lower"] = row["standardized_difference_upper"] = NAN
    row["is_reversed"] = False
    row["composition_effect"] = mean_now - mean_before - difference
    return row


def with_q_values(rows: pd.DataFrame, tiers: dict[str, str]) -> pd.DataFrame:
    """The rows with q_value and family: per date, baseline and tier, over the tests that are not circular."""
    rows = rows.assign(q_value=NAN, family=None, tier=rows["metric"].map(tiers))
    counted = rows[rows["p_value"].notna() & ~rows["is_circular"] & rows["quality"].isin(["skewed", "ok"])]
    for (date, baseline, tier), family in counted.groupby(["as_of_date", "baseline", "tier"]):
        method = "holm" if tier == "guardrail" else "fdr_bh"
        rows.loc[family.index, "q_value"] = multipletests(family["p_value"], method=method)[1]
        rows.loc[family.index, "family"] = f"{baseline}/{tier}/{date}"
    return rows

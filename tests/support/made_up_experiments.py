"""Made-up experiments: the tables that the marts of experiments read, and companies whose accounts differ in size."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pandas as pd

from mart_project import MartProject

MARTS = ("experiment_variants", "experiment_users", "experiment_checks", "experiment_outcomes", "experiment_tests", "experiment_results")
DATA_THROUGH = date(2026, 6, 30)
SUNDAYS = [date(2026, 3, 1), date(2026, 3, 8), date(2026, 3, 15)]


def fill_upstream(project: MartProject, users: dict[tuple[str, date], tuple[str | None, set[str]]], **tables: list[dict]) -> None:
    """`users`: (user, date) -> segment of the lifecycle (None: in no segment at all) and micro segments; absent: not in the population."""
    project.fill("activity.data_through", [{"data_through": DATA_THROUGH}])
    project.fill("activity.as_of_dates", [{"as_of_date": day} for day in SUNDAYS])
    project.fill("features.user_dates", [{"user_id": user, "as_of_date": day} for user, day in users])
    project.fill(
        "marts.user_lifecycle_segments",
        [{"user_id": user, "segment": lifecycle, "as_of_date": day} for (user, day), (lifecycle, _) in users.items() if lifecycle],
    )
    project.fill(
        "marts.user_segments",
        [
            {"user_id": user, "segment": segment, "as_of_date": day}
            for (user, day), (lifecycle, micro) in users.items()
            for segment in micro | ({lifecycle} if lifecycle else set())
        ],
    )
    project.fill(
        "marts.segments",
        [
            *[{"segment": name, "tier": "primary" if name == "p1" else "lifecycle", "is_lifecycle": True} for name in ("p1", "p2", "p3")],
            *[{"segment": name, "tier": "primary" if name == "m1" else "micro", "is_lifecycle": False} for name in ("m1", "m2", "nobody")],
            {"segment": "untiered", "is_lifecycle": False},
        ],
    )
    activity = ("user_assignments", "user_accounts", "user_days", "user_event_days")
    staged = ("stg_users", "stg_support_tickets", "stg_survey_responses", "stg_invoices")
    for table in (*(f"activity.{name}" for name in activity), *(f"staging.{name}" for name in staged)):
        project.fill(table, tables.get(table.split(".")[1], []))


def assignment(user: str, moment: str, variant: str = "control", experiment: str = "e") -> dict:
    when = datetime.fromisoformat(moment)
    is_known = user != "unknown"
    return {
        "experiment": experiment,
        "variant": variant,
        "named_id": user,
        "user_id": user if is_known else None,
        "assigned_at": when,
        "known_date": when.date() if is_known else None,
    }


def marts_of(project: MartProject, users: pd.DataFrame, further_assignments: list[dict]) -> dict[str, pd.DataFrame]:
    """The marts on made-up rows of experiment_users: name -> rows."""
    day = SUNDAYS[0]
    fill_upstream(
        project,
        {
            (row.user_id, day): (row.lifecycle_segment, {name for name in ("m1", "m2") if getattr(row, name)})
            for row in users.itertuples()
            if row.has_history
        },
        user_assignments=[
            *[assignment(row.user_id, "2026-03-02T12:00:00", row.variant, row.experiment) for row in users.itertuples()],
            *further_assignments,
        ],
    )
    columns = [column for column in users if column not in ("m1", "m2")]
    project.fill("marts.experiment_users", users[columns].assign(segment_as_of=day, as_of_date=DATA_THROUGH, data_through=DATA_THROUGH))
    project.run_models(*[mart for mart in MARTS if mart != "experiment_users"])
    return {mart: project.frame(f"select * from marts.{mart}") for mart in MARTS}


def with_history(users: pd.DataFrame) -> pd.DataFrame:
    users["has_history"] = users.lifecycle_segment != "__no_history__"
    users.loc[~users.has_history, ["m1", "m2"]] = False
    return users


def company(
    rng: np.random.Generator,
    experiment: str,
    accounts: int,
    by_account: bool,
    *,
    sizes: int | None = None,
    alone: int = 0,
    lift: float = 0.0,
) -> pd.DataFrame:
    """An experiment in a company whose accounts differ in size (unless `sizes`) and whose colleagues are alike."""
    many = np.full(accounts, sizes) if sizes else np.ceil(rng.lognormal(1, 1, accounts)).astype(int).clip(1, 60)
    account = np.concatenate([np.repeat(np.arange(accounts), many), accounts + np.arange(alone)])
    units = accounts + alone
    given = rng.integers(0, 2, units)[account] if by_account else rng.integers(0, 2, len(account))
    habit = np.exp(rng.normal(0, 0.7, units))[account] * np.exp(rng.normal(0, 0.6, len(account)))
    before = rng.poisson(2 * habit)
    days = np.minimum(28, rng.poisson(2 * habit * (1 + lift * given)))
    return pd.DataFrame(
        {
            "experiment": experiment,
            "user_id": [f"{experiment}-{place}" for place in range(len(account))],
            "account_id": [f"{experiment}-a{one}" if one < accounts else None for one in account],
            "variant": np.where(given == 1, "treatment", "control"),
            "lifecycle_segment": rng.choice(["p1", "p2"], len(account)),
            "active_days": days.astype(float),
            "active_days_before": before,
            "events": np.floor(days * rng.lognormal(1, 0.5, len(account))[account]),
            "events_before": before * 3,
            "late_active_days": np.minimum(days, 2.0),
            "late_active_days_before": np.minimum(before, 2),
            "revenue": (rng.lognormal(2, 0.5, units) * (rng.random(units) < 0.5))[account] * (1 + lift * given),
            "revenue_before": 1.0,
            "sessions": np.where(rng.random(len(account)) < 0.1, np.nan, days * 2.0),
            "sessions_before": before * 2,
            "conversions": (rng.random(len(account)) < 0.2 + 0.4 * (habit > 2) + 0.1 * lift * given).astype(float),
            "m1": (account % 2 == 0) & (rng.random(len(account)) < 0.8),
            "m2": False,
        }
    )


def cr2(values: np.ndarray, accounts: np.ndarray) -> tuple[float, float]:
    """Squared error and degrees of freedom of a mean, by the matrices of Bell and McCaffrey (2002)."""
    n = len(values)
    residuals_of = np.eye(n) - 1 / n
    residuals, error, columns = residuals_of @ values, 0.0, []
    for account in np.unique(accounts):
        inside = np.flatnonzero(accounts == account)
        roots, vectors = np.linalg.eigh(residuals_of[np.ix_(inside, inside)])
        weights = vectors @ np.diag([root**-0.5 if root > 1e-9 else 0 for root in roots]) @ vectors.T @ np.ones(len(inside)) / n
        error += (weights @ residuals[inside]) ** 2
        columns.append(residuals_of[:, inside] @ weights)
    products = np.column_stack(columns).T @ np.column_stack(columns)
    return error, np.trace(products) ** 2 / (products**2).sum()


def campaigns_of(rng: np.random.Generator, campaigns: dict[str, tuple[int, bool]]) -> pd.DataFrame:
    """Users of campaigns without an effect, name -> (accounts, whether the holdout is drawn among them), whose colleagues are alike."""
    users = pd.concat(
        [company(rng, name, accounts, by_account, alone=accounts // 10) for name, (accounts, by_account) in campaigns.items()],
        ignore_index=True,
    ).rename(columns={"experiment": "campaign"})
    # Who converts and whom a message reaches is a matter of the account, too; of those held out it reaches some.
    unit = pd.factorize(users.account_id.fillna(users.user_id))[0]
    habit, reach = rng.beta(0.7, 2, unit.max() + 1)[unit], rng.random(unit.max() + 1)[unit]
    chosen = (users.variant == "treatment").to_numpy()
    return users.assign(
        is_holdout=~chosen,
        conversions=(rng.random(len(users)) < habit).astype(float),
        is_delivered=rng.random(len(users)) < np.where(chosen, 0.5 + 0.5 * reach, 0.2 * reach),
    )


def fill_campaigns(project: MartProject, users: pd.DataFrame) -> None:
    """What campaign_outcomes reads, of campaigns_of(); users with an even number are in the segment `even`."""
    day, moment = SUNDAYS[0], datetime(2026, 3, 2, 12)
    project.fill("activity.data_through", [{"data_through": DATA_THROUGH}])
    project.fill("marts.segments", [{"segment": "even"}])
    even = users.user_id[users.user_id.str[-1].isin(list("02468"))]
    project.fill("marts.user_segments", pd.DataFrame({"user_id": even, "segment": "even", "as_of_date": day}))
    flags = {"has_holdout": True, "has_no_single_arm": False, "has_history": True, "is_observed": True}
    steps = {f"is_{step}": False for step in ("sent", "opened", "clicked", "unsubscribed")}
    columns = users[["campaign", "user_id", "account_id", "is_holdout", "is_delivered"]]
    project.fill("marts.campaign_users", columns.assign(is_converted=users.conversions > 0, segment_as_of=day, **flags, **steps))
    first = users.drop_duplicates(["campaign", "is_holdout"])
    message = {"named_id": first.user_id, "assigned_at": moment, "known_date": moment.date()}
    project.fill("activity.user_messages", first[["campaign", "user_id", "is_holdout"]].assign(**message))

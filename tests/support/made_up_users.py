"""Made-up rows of user_features: mostly inactive users, a few who pay much, answers of some."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def some_users(random: np.random.Generator, count: int) -> pd.DataFrame:
    """Users u0 … with the columns that the metrics read; user_id, plan and tenure_days too, as_of_date not."""

    def some(values: Any, share: float) -> np.ndarray:
        return np.where(random.random(count) < share, values, np.nan)

    active = random.random(count) < 0.6
    days = np.where(active, random.integers(1, 28, count), 0)
    mrr = np.where(random.random(count) < 0.3, random.lognormal(3, 1, count).round(2), 0.0)
    columns = {
        "user_id": [f"u{number}" for number in range(count)],
        "plan": random.choice(np.array(["free", "pro", "team", None], dtype=object), count),
        "tenure_days": random.integers(0, 600, count),
        "trial_outcome": random.choice(np.array(["converted", "lapsed", "in_trial", None], dtype=object), count),
        "nps_category": random.choice(np.array(["promoter", "passive", "detractor", None], dtype=object), count),
        "csat_score": some(random.integers(1, 6, count), 0.6),
        "active_days_7d": np.minimum(days, random.integers(0, 8, count)),
        "active_days_28d": days,
        "active_days_91d": days + random.integers(0, 40, count) * active,
        "active_days_previous_28d": random.integers(0, 3, count),
        "sessions_28d": days + random.poisson(3, count) * active,
        "session_minutes_28d": (random.lognormal(3, 1.2, count) * active).round(1),
        "events_28d": days * random.integers(1, 30, count),
        "distinct_features_28d": random.integers(0, 9, count),
        "revenue_91d": np.where(random.random(count) < 0.12, random.lognormal(4, 1.3, count), 0.0),
        "mrr": mrr,
        "mrr_91d_ago": np.where(random.random(count) < 0.8, mrr, random.lognormal(3, 1, count).round(2)),
        "account_users": random.integers(1, 5, count),
        "days_as_customer": some(random.integers(0, 300, count), 0.5),
        "is_renewed_91d": random.choice(np.array([True, False, None], dtype=object), count),
        "is_lead_converted": random.choice(np.array([True, False, None], dtype=object), count),
        "is_signup_observed": random.random(count) < 0.7,
        "is_activated": random.choice(np.array([True, False, None], dtype=object), count),
        "days_to_first_use": some(random.integers(0, 30, count), 0.7),
        "health_score": random.uniform(0, 100, count),
        "tickets_91d": random.poisson(0.4, count),
        "messages_delivered_91d": random.poisson(4, count),
        "messages_clicked_91d": random.poisson(1, count),
        "acquisition_cost": some(random.uniform(0, 80, count), 0.8),
    }
    return pd.DataFrame(columns)

"""Scores and clusters."""

from __future__ import annotations

from ..declarations import Aggregates, Publication, Users, Withheld, adds_up, adds_up_across, implied, shown, shown_zero_too
from .names import COUNTED_ACCOUNTS, DATES, EVERYBODY, LIFETIME_ON_GRID, MONEY_GRIDS, REVENUE_ON_GRID, SHARE_OF_REVENUE, TELLS_ACCOUNTS

RFM = "rfm {rfm_recency} {rfm_frequency} {rfm_monetary} {as_of_date}"
TRAINED = ("quality", "coefficient", "feature_mean", "feature_standard_deviation")

MARTS: dict[str, Publication] = {
    "rfm_segments": Aggregates(
        kept=("rfm_group", "rfm_recency", "rfm_frequency", "rfm_monetary", *DATES),
        helpers={**MONEY_GRIDS, "_revenue_of_all": "sum(revenue_91d) over ()"},
        rounded={"revenue_91d": REVENUE_ON_GRID, "lifetime_revenue": LIFETIME_ON_GRID, "share_of_revenue": f"round({SHARE_OF_REVENUE}, 6)"},
        counts=(shown(RFM, "users", "share_of_users", "revenue_91d", "share_of_revenue", "lifetime_revenue"),),
        sums=(
            adds_up_across(EVERYBODY, RFM),
            *(
                adds_up_across(f"value {column} {{{column}}} __all__ {{as_of_date}}", RFM)
                for column in ("rfm_recency", "rfm_frequency", "rfm_monetary")
            ),
        ),
    ),
    "health_score_quality": Aggregates(
        kept=("population", "outcome_date", *DATES),
        counts=(
            shown("judged {population} {as_of_date}", "n", "churned_share"),
            shown(
                "gone {population} {as_of_date}",
                "churned_users",
                "churned_share",
                "quality",
                "auc",
                "auc_lower",
                "auc_upper",
                "p_value",
                "mean_health_of_churned",
                "mean_health_of_stayed",
            ),
            shown_zero_too("deleted {population} {as_of_date}", "deleted_users"),
        ),
        rounded={
            **{name: f"least(on_grid({name}, nice(2 / churned_users)), 1)" for name in ("auc", "auc_lower", "auc_upper")},
            "p_value": "band(p_value)",
            # A score has 100 points at most.
            "mean_health_of_churned": "mean_on_grid(mean_health_of_churned, churned_users, 2 * 100, churned_users)",
            "mean_health_of_stayed": "mean_on_grid(mean_health_of_stayed, n - churned_users, 2 * 100, n - churned_users)",
        },
        sums=(
            adds_up("judged {population} {as_of_date}", "gone {population} {as_of_date}", "stayed {population} {as_of_date}"),
            # Who is deleted has left.
            adds_up(
                "gone {population} {as_of_date}", "deleted {population} {as_of_date}", "gone and not deleted {population} {as_of_date}"
            ),
            adds_up(EVERYBODY, "judged all_users {as_of_date}", where="population = 'all_users'"),
            adds_up("yes active_users_28d __all__ {as_of_date}", "judged active_users {as_of_date}", where="population = 'active_users'"),
            *(
                adds_up(
                    f"{what} all_users {{as_of_date}}",
                    f"{what} active_users {{as_of_date}}",
                    f"{what} inactive_users {{as_of_date}}",
                    where="population = 'all_users'",
                )
                for what in ("judged", "gone", "deleted")
            ),
        ),
        withheld={"accounts": COUNTED_ACCOUNTS, "design_effect": TELLS_ACCOUNTS},
    ),
    "cluster_centroids": Aggregates(
        kept=("feature", "settings_hash", "version", "cluster", "feature_mean", "feature_standard_deviation", "inertia", *DATES),
        # A feature is standardized: one person is seldom further than 4 standard deviations from the mean.
        helpers={"_n": "sum(users) over (partition by version, feature)"},
        further_helpers={
            "_mean": "on_grid(feature_mean, nice(2 * 4 * feature_standard_deviation / _n))",
            "_deviation": "digits(feature_standard_deviation, 2)",
            "_centroid": "on_grid(centroid_standardized, nice(2 * 4 / users))",
        },
        rounded={
            "feature_mean": "_mean",
            "feature_standard_deviation": "_deviation",
            "centroid_standardized": "_centroid",
            "centroid": "round(_mean + _deviation * _centroid, 6)",
            "inertia": "digits(inertia, 2)",
            "distance_to_previous": "round(distance_to_previous, 2)",
        },
        counts=(
            shown("cluster {version} {cluster}", "users", "share", "centroid", "centroid_standardized", "distance_to_previous"),
            implied("clustered {version}", "users / nullif(share, 0)", "share"),
        ),
        sums=(adds_up_across("clustered {version}", "cluster {version} {cluster}"),),
        # Fitted anew every clusters.refit_days only.
        is_state=True,
    ),
    "cluster_quality": Aggregates(
        kept=("cluster", "version", "quality", "mean_silhouette", "adjusted_rand_index", "splits", *DATES),
        helpers={"_n": "sum(users) over ()"},
        # A silhouette lies between -1 and 1, a share of users between 0 and 1.
        rounded={
            "silhouette": "on_grid(silhouette, nice(4 / users))",
            "recovery": "least(on_grid(recovery, nice(2 / users)), 1)",
            "mean_silhouette": "on_grid(mean_silhouette, nice(4 / _n))",
            "adjusted_rand_index": "digits(adjusted_rand_index, 2)",
        },
        counts=(
            shown("cluster {cluster} {as_of_date}", "users", "share", "silhouette", "recovery"),
            implied("clustered {as_of_date}", "users / nullif(share, 0)", "share"),
        ),
        sums=(adds_up_across("clustered {as_of_date}", "cluster {cluster} {as_of_date}"),),
        withheld={"accounts": COUNTED_ACCOUNTS},
    ),
    "churn_model": Aggregates(
        kept=("term", "term_number", "is_converged", "anchor_date", "outcome_date", *DATES),
        rounded={
            "coefficient": "on_grid(coefficient, nice(20 / training_users))",
            "feature_mean": "on_grid(feature_mean, nice(2 * 4 * feature_standard_deviation / training_users))",
            "feature_standard_deviation": "digits(feature_standard_deviation, 2)",
            "training_auc": "least(on_grid(training_auc, nice(2 / training_churned)), 1)",
            **{name: f"least(on_grid({name}, nice(2 / test_churned)), 1)" for name in ("auc", "auc_lower", "auc_upper")},
            "calibration_slope": "digits(calibration_slope, 1)",
        },
        withheld={
            "training_accounts": COUNTED_ACCOUNTS,
            "test_accounts": COUNTED_ACCOUNTS,
            "test_expected_churned": "a sum of the scores of single users",
            "design_effect": TELLS_ACCOUNTS,
        },
        counts=(
            shown("trained", "training_users", *TRAINED, "training_auc"),
            shown("trained and left", "training_churned", *TRAINED, "training_auc"),
            shown("tested", "test_users", "auc", "auc_lower", "auc_upper", "calibration_slope"),
            shown("tested and left", "test_churned", "auc", "auc_lower", "auc_upper", "calibration_slope"),
        ),
        sums=(adds_up("trained", "trained and left", "trained and stayed"), adds_up("tested", "tested and left", "tested and stayed")),
    ),
    "churn_values": Withheld("users that churn_model is computed from"),
    "churn_starts": Withheld("where the fit of churn_model starts"),
    "churn_fit": Withheld("the fit as it is; churn_model shows only what counts"),
    "cluster_values": Withheld("users that cluster_centroids is computed from"),
    "cluster_starts": Withheld("single users, where the fit of cluster_centroids starts"),
    **dict.fromkeys(
        ("cluster_resamples", "cluster_resample_fit"), Withheld("halves of the accounts, which cluster_quality is computed from")
    ),
    "cluster_fit": Withheld("today's fit, mostly passed over; cluster_centroids holds those that count"),
    "user_churn_scores": Users(),
    "user_clusters": Users(),
    "account_call_list": Users(
        withheld={
            **dict.fromkeys(
                ("monthly_value", "priority", "risk", "renewal_nearness"), "exact money singles the account out, and a factor gives it away"
            ),
            **dict.fromkeys(("users", "active_users"), "an exact headcount singles the account out"),
        }
    ),
    "account_health": Users(
        withheld={
            **dict.fromkeys(("mrr", "revenue_91d"), "exact money singles the account out"),
            **dict.fromkeys(("users", "active_users"), "an exact headcount singles the account out"),
        }
    ),
}

"""What a warehouse knows of its segments, for their review."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checking.database import only_row, open_warehouse
from refusal import Refusal

Row = dict[str, Any]
# Half a year, and how long a segment is empty before it is called dead.
HALF_A_YEAR = 183


@dataclass(frozen=True)
class Facts:
    """The facts of one warehouse on its newest date."""

    data_through: datetime.date
    segments: list[Row]
    overlaps: list[Row]
    dead: dict[str, datetime.date | None]
    audiences: list[Row]
    campaigns: list[Row]
    experiments: list[Row]


def read(database: Path) -> Facts:
    """The facts; Refusal if the file is not a built warehouse."""
    import duckdb

    with open_warehouse(database) as connection:
        try:
            return _read(connection)
        except duckdb.CatalogException as error:
            raise Refusal(
                f"{database.name} does not hold the marts of a build ({str(error).splitlines()[0]}). Build it: make build."
            ) from None


def _read(connection: Any) -> Facts:
    def rows(sql: str, **values: Any) -> list[Row]:
        result = connection.execute(sql, values or None)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row)) for row in result.fetchall()]

    def has(table: str, schema: str = "marts") -> bool:
        return bool(
            rows("select 1 from information_schema.tables where table_schema = $schema and table_name = $table", table=table, schema=schema)
        )

    (newest,) = only_row(connection.execute("select max(data_through) from marts.segments"))
    if newest is None:
        raise Refusal("The warehouse does not have a date yet: there is nothing to review.")
    columns = {row["column_name"] for row in rows("select column_name from (describe marts.segments)")}
    status = "coalesce(segments.status, 'active')" if "status" in columns else "'active'"
    segments = rows(
        f"""
        select
            segments.segment, segments.label, segments.type, segments.tier, segments.owner, segments.goal, segments.action,
            {status} as status, segments.reviewed_on, cards.* exclude (segment, label, tier, owner, reviewed_on, as_of_date, data_through)
        from marts.segments as segments
        left join marts.segment_scorecard as cards on segments.segment = cards.segment
        order by segments.segment
        """
    )
    if has("segment_drafts"):
        fields = "segment, label, type, tier, owner, goal, action, reviewed_on, users"
        segments += [{"status": "draft", **row} for row in rows(f"select {fields} from marts.segment_drafts order by segment")]
    overlaps = rows(
        "select segment, other_segment, jaccard, users_in_both from marts.segment_overlap"
        " where as_of_date = (select max(as_of_date) from marts.segment_overlap) and segment < other_segment and jaccard is not null"
        " order by jaccard desc, segment, other_segment"
    )
    dead = rows(
        f"""
        select segment, max(as_of_date) filter (where users > 0) as last_seen
        from marts.segment_sizes
        group by segment
        having
            coalesce(max(users) filter (where as_of_date > $newest - interval {HALF_A_YEAR} day), 0) = 0
            and min(as_of_date) <= $newest - interval {HALF_A_YEAR} day
        """,
        newest=newest,
    )
    audiences = rows(
        """
        select
            audiences.audience, audiences.segment, audiences.destination, audiences.holdout_share,
            max(log.data_through) as delivered_through, max_by(log.users, log.delivery_number) as users
        from marts.audiences as audiences
        left join state.audience_delivery_log as log on audiences.audience = log.audience and log.delivered_at is not null
        group by all order by 2, 1
        """
    ) if has("audiences") and has("audience_delivery_log", "state") else []  # fmt: skip
    campaigns = rows(
        """
        select segment, campaign, n, baseline_n, difference, difference_lower, difference_upper
        from marts.campaign_results
        where evidence = 'holdout' and difference_lower is not null and segment not in ('__all__', '__no_history__')
        order by segment, campaign
        """
    ) if has("campaign_results") else []  # fmt: skip
    experiments = rows(
        """
        select segment, experiment, variant, metric, n, baseline_n, difference, difference_lower, difference_upper
        from marts.experiment_results
        where role = 'primary' and difference_lower is not null and not is_sample_ratio_mismatch
            and segment not in ('__all__', '__no_history__')
        order by segment, experiment, variant, metric
        """
    ) if has("experiment_results") else []  # fmt: skip
    return Facts(newest, segments, overlaps, {row["segment"]: row["last_seen"] for row in dead}, audiences, campaigns, experiments)

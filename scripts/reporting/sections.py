"""The sections that need no script: each a function of the marts that writes its HTML, or nothing where its mart is missing or empty.

A new one is a module with written(), and an entry here; its place among the others is that in page.SECTIONS.
"""

from __future__ import annotations

from . import adoption, channels, cohort_triangle, funnels, north_star
from .source import Marts, Row

# Those that stand right after the first page; all others come after the growth, in the order of written().
FIRST = ("north-star",)


def written(marts: Marts, metrics: list[Row], label: dict[str, str], currency: str) -> dict[str, str]:
    """Name -> HTML of every section that has something to show."""
    star = next((row for row in metrics if row.get("is_north_star")), None)
    changes = north_star.read(marts) if star and marts.has("north_star_mix_shift") else []
    found = {
        "north-star": north_star.written(changes, star, currency, label) if star and changes else "",
        "signups": cohort_triangle.written(marts) if marts.has("signup_cohorts") else "",
        "funnels": funnels.written(marts, label) if marts.has("segment_funnels") else "",
        "channels": channels.written(marts, label, currency) if marts.has("segment_channels") else "",
        "adoption": adoption.written(marts, label) if marts.has("segment_feature_adoption") else "",
    }
    return {name: text for name, text in found.items() if text}

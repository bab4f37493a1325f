"""What is published of each mart, and which counts it shows: joined from one module per folder of models/marts.

A new mart stops publication until it stands in rules/<its folder>.py. In an `Aggregates` entry every column stands in exactly one
place; a column that is not named stops publication too, so that nothing new gets out by itself. docs/privacy.md says what is
guarded and what is not.
"""

from __future__ import annotations

from .declarations import Publication
from .rules import audiences, cohorts, comparison, discovery, impact, inputs, membership, value

MARTS: dict[str, Publication] = {
    **membership.MARTS,
    **comparison.MARTS,
    **cohorts.MARTS,
    **value.MARTS,
    **impact.MARTS,
    **discovery.MARTS,
    **audiences.MARTS,
    **inputs.MARTS,
}

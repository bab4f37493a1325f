"""The one exception of this package."""


class Refusal(Exception):
    """Why nothing is published, in sentences that say what to do."""

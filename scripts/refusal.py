"""The exception of publishing and of the report: a sentence for whoever asked."""


class Refusal(Exception):
    """Nothing is written, and what was there before is as it was; the text says why and what to do."""

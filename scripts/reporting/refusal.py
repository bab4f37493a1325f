"""The one error that the report raises on purpose: a sentence for whoever asked for the report."""


class Refusal(Exception):
    """The report cannot be written; the text says why and what to do."""

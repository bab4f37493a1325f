"""The exception of all commands: a sentence for whoever asked."""


class Refusal(Exception):
    """Nothing is written or sent, and what was there before is as it was; the text says why and what to do."""

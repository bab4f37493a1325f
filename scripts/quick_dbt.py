"""dbt with a memory: the same results, a quarter faster in `make build` and twice as fast where a process builds many projects.

`dbt build` runs dbt as it is, and so does `make ci-sample` (`make test-long PART=commands`); `make build`, `make lint` and pytest take
these short cuts. Each of them leaves out work that dbt repeats, never a check. They replace functions of
single versions, those in constraints.txt; with others nothing is replaced, or imported. tests/long/test_quick_dbt.py compares a
build with and without them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version

# The versions that scripts/dbt_short_cuts.py was written for.
VERSIONS = {"dbt-core": "1.11.16", "dbt-common": "1.39.0", "Jinja2": "3.1.6"}


def versions_fit() -> bool:
    """Whether dbt and what its functions come from are those that the short cuts know."""
    return all(version(package) == known for package, known in VERSIONS.items())


def take_short_cuts(debug_log: bool = True) -> None:
    """From now on in this process. Without `debug_log` dbt's debug events are not made. Nothing happens with other versions."""
    if versions_fit():
        from dbt_short_cuts import REPEATED, UNSEEN

        for owner, name, function in REPEATED if debug_log else (*REPEATED, *UNSEEN):
            setattr(owner, name, function)


@contextmanager
def as_it_is() -> Iterator[None]:
    """dbt without the short cuts, to compare."""
    from dbt_short_cuts import ORIGINAL

    ours = {key: key[0].__dict__[key[1]] for key in ORIGINAL}
    for (owner, name), function in ORIGINAL.items():
        setattr(owner, name, function)
    try:
        yield
    finally:
        for (owner, name), function in ours.items():
            setattr(owner, name, function)

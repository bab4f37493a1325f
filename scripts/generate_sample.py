"""Write the sample data: one CSV per input of the contract, and the truths planted in them.

    python scripts/generate_sample.py                   rewrite seeds/sample/
    python scripts/generate_sample.py --output DIR      write somewhere else
    python scripts/generate_sample.py --seed 7          another company, same truths
    python scripts/generate_sample.py --check           exit 1 if the files on disk differ

Kiteloom, the company in the data, is invented; docs/sample-data.md introduces it.

The same seed gives the same bytes on every machine. Therefore: standard library only; no clock;
no iteration over sets; and no logarithms, powers or sines, whose last digit depends on the C library
(which also rules out `random.gauss`). Each part of the data draws from a random stream of its own,
named after that part, so that a change to the surveys does not reshuffle the events.

The parts are in scripts/sample/; `generate` in sample/files.py is the table of contents.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sample.files import generate

DEFAULT_SEED = 2055  # picked from 64: docs/sample-data.md says how, and what that rules out
DEFAULT_OUTPUT = Path(__file__).resolve().parent.parent / "seeds" / "sample"


def differing(files: dict[str, bytes], folder: Path) -> list[str]:
    """Names of files that are absent from the folder or have other content."""
    return [name for name, content in files.items() if not (folder / name).is_file() or (folder / name).read_bytes() != content]


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write the sample data of the fictional company Kiteloom.")
    parser.add_argument("--output", type=Path, default=DEFAULT_OUTPUT, help="folder (default: seeds/sample)")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help=f"default: {DEFAULT_SEED}")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the files differ")
    options = parser.parse_args()
    files = generate(options.seed)
    if options.check:
        names = differing(files, options.output)
        for name in names:
            print(f"{options.output / name} is not what this generator writes; run it without --check", file=sys.stderr)
        return 1 if names else 0
    options.output.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (options.output / name).write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())

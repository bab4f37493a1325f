"""What the scripts generate_*.py share: they write files that are derived from one source, or compare them with it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from refusal import Refusal


def write_or_check(description: str, source: str, generated: Callable[[Path], dict[Path, str]]) -> int:
    """Write what differs from its source, or with --check only name it. Returns the exit status.

    `generated` takes the folder of the project and returns the text of each file by its path in there. A Refusal of it gives
    exit status 2; with --check a file that differs, or is missing, gives 1. `source` is what messages call the source.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if a file differs from its source")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent, help="folder of the project")
    arguments = parser.parse_args()
    try:
        texts = generated(arguments.root)
    except Refusal as problem:
        print(problem, file=sys.stderr)
        return 2
    differing = [
        path
        for path, text in texts.items()
        if not (arguments.root / path).exists() or (arguments.root / path).read_text(encoding="utf-8") != text
    ]
    for path in differing:
        if arguments.check:
            print(f"{path} differs from {source}; run scripts/{Path(sys.argv[0]).name} without --check", file=sys.stderr)
        else:
            (arguments.root / path).write_text(texts[path], encoding="utf-8")
            print(f"{path} written.")
    return 1 if arguments.check and differing else 0

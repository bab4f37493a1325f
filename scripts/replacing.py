"""Files that are whole or not there: written beside the old one and then put in its place."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

NEXT = ".next"


@contextlib.contextmanager
def replacing(path: Path, mode: int = 0o640) -> Iterator[BinaryIO]:
    """A file to write bytes into. It takes the place of `path` when the block ends, and is removed if that ends with an error.

    Nobody whom `mode` leaves out can read it from its first byte on. A folder that is missing is made with mode 0750.
    """
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    following = path.with_name(path.name + NEXT)
    following.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(following, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            os.fchmod(file.fileno(), mode)
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(following, path)
    finally:
        following.unlink(missing_ok=True)

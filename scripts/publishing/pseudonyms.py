"""Pseudonyms for ids: HMAC-SHA256 under a secret key, so that nobody without the key can go through all ids and compare."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from refusal import Refusal

VARIABLE = "SEGMENTATION_PSEUDONYM_KEY"
SHORTEST_KEY = 16
BLOCK = 64


def read_key(path: Path) -> bytes:
    """The key from the environment, else from the file, which is made if it is missing."""
    if VARIABLE in os.environ:
        key = os.environ[VARIABLE].encode("utf-8")
        if len(key) < SHORTEST_KEY:
            raise Refusal(
                f"{VARIABLE} has {len(key)} bytes, which can be guessed. Set at least {SHORTEST_KEY}, such as the output of "
                "`openssl rand -hex 32`, or unset it."
            )
        return key
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
    if path.stat().st_mode & 0o077:
        raise Refusal(f"Other users can read {path}, the key of the pseudonyms. Run `chmod 600 {path}`.")
    key = path.read_bytes().strip()
    if len(key) < SHORTEST_KEY:
        raise Refusal(f"{path} does not contain a key. Remove it to get a new one; all pseudonyms will change.")
    return key


def pseudonym_sql(column: str, key: bytes) -> str:
    """SQL for the pseudonym of an id: the first 32 digits of HMAC-SHA256(key, id). NULL stays NULL."""
    if len(key) > BLOCK:
        key = hashlib.sha256(key).digest()
    key = key.ljust(BLOCK, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in key).hex() for pad in (0x36, 0x5C))
    message = f"cast(encode(cast({column} as varchar)) as blob)"
    return f"left(sha256(unhex('{outer}') || unhex(sha256(unhex('{inner}') || {message}))), 32)"

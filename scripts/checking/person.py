"""By what a person is recognized in texts and bytes, and the search for it."""

from __future__ import annotations

import base64
import bz2
import gzip
import hashlib
import html
import io
import json
import lzma
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

CHUNK = 1 << 24
# How files within files are followed: gzip in a zip, and no deeper.
DEPTH = 2
GMAIL = ("gmail.com", "googlemail.com")
Stream = BinaryIO | gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile


def trimmed(text: str) -> str:
    """A text without white space, control and format characters at both ends, as staging reads ids."""
    blank = "".join({sign for sign in text if sign.isspace() or unicodedata.category(sign) in ("Zs", "Zl", "Zp", "Cc", "Cf")})
    return text.strip(blank) if blank else text


def lower_address(address: str) -> str:
    """An address in lower case, in which no letter beyond ASCII becomes one of ASCII: the macro lower_address()."""
    return "".join(
        sign if lowered.isascii() and not sign.isascii() or len(lowered) != 1 else lowered for sign in address for lowered in [sign.lower()]
    )


@dataclass(frozen=True)
class Person:
    """By what somebody is recognized."""

    user_id: str
    emails: tuple[str, ...]
    # Hashes (hexadecimal) of addresses of theirs that are those of another user too: no trace of this one.
    spared: frozenset[str] = frozenset()

    @property
    def is_distinctive(self) -> bool:
        """Whether the id cannot be mistaken for a number: the rule of the macro _person()."""
        return (len(self.user_id) >= 4 and re.search("[A-Za-z]", self.user_id) is not None) or len(self.user_id) >= 9

    @property
    def words(self) -> list[str]:
        """The texts that stand for nobody else wherever they occur."""
        return [*self.emails, *([self.user_id] if self.is_distinctive else [])]

    @cached_property
    def digests(self) -> list[bytes]:
        """SHA-256 of the id and of each address, in every form in which somebody hashes it."""
        texts = [self.user_id]
        for email in self.emails:
            name, _, domain = email.partition("@")
            texts.append(email)
            if domain in GMAIL:
                texts += [
                    f"{part}@{other}"
                    for other in GMAIL
                    for part in (name, name.split("+")[0], name.replace(".", ""), name.split("+")[0].replace(".", ""))
                    if part
                ]
        digests = [hashlib.sha256(text.encode()).digest() for text in dict.fromkeys(texts)]
        return [digest for digest in digests if digest.hex() not in self.spared]

    @cached_property
    def hashes(self) -> list[str]:
        """The digests as texts: hexadecimal, and base64 without the padding."""
        texts = [digest.hex() for digest in self.digests]
        for digest in self.digests:
            coded = base64.b64encode(digest).decode().rstrip("=")
            texts += [coded, coded.replace("+", "-").replace("/", "_")]
        return list(dict.fromkeys(texts))

    @cached_property
    def needles(self) -> list[tuple[bytes, bytes, bytes]]:
        """What is looked for in bytes in lower case: (bytes, signs that may not stand before, and after)."""
        found: dict[bytes, str] = {}
        for word in self.words:
            cases = (word, word.lower(), word.upper())
            composed = [unicodedata.normalize("NFC", case) for case in cases]
            for form in dict.fromkeys([*composed, *(unicodedata.normalize("NFD", case) for case in cases)]):
                for text in (form, json.dumps(form)[1:-1], html.escape(form), quote(form), quote(form, safe="")):
                    found[text.encode()] = "utf-8"
                for coding in ("latin-1", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
                    try:
                        found[form.encode(coding)] = coding
                    except UnicodeEncodeError:
                        continue
            if len(word) >= 8:
                # Only what later signs do not change.
                found[base64.b64encode(word.encode()[: len(word.encode()) // 3 * 3])] = "none"
        for text in self.hashes:
            for coding in ("utf-8", "utf-16-le", "utf-16-be"):
                found[text.encode(coding)] = coding
        for digest in self.digests:
            found[digest] = "none"
        return [(word.lower(), *_neighbors(coding)) for word, coding in found.items()]


def _neighbors(coding: str) -> tuple[bytes, bytes]:
    """Patterns of a letter, digit or underscore that would make a word part of another one, before and after it."""
    near = rb"[a-z0-9_]"
    before = {"utf-16-le": near + rb"\x00", "utf-32-le": near + rb"\x00\x00\x00", "none": rb"(?!)"}.get(coding, near)
    after = {"utf-16-be": rb"\x00" + near, "utf-32-be": rb"\x00\x00\x00" + near, "none": rb"(?!)"}.get(coding, near)
    return before + rb"\Z", after


def is_in(stream: Stream, person: Person) -> bool:
    """Whether a person stands in the bytes of a stream."""
    needles = person.needles
    margin = max((len(word) for word, _, _ in needles), default=0) + 8
    before, block = b"", stream.read(CHUNK)
    while block:
        following = stream.read(CHUNK)
        data = before + block.lower()
        # What stands after a word at the end of the block is in the next one, where the word is met again.
        limit = len(data) if not following else len(data) - 4
        for word, left, right in needles:
            place = data.find(word)
            while place >= 0:
                end = place + len(word)
                if end <= limit and not re.search(left, data[max(place - 4, 0) : place]) and not re.match(right, data[end : end + 4]):
                    return True
                place = data.find(word, place + 1)
        before, block = data[-margin:], following
    return False


def contents(file: Stream, depth: int = DEPTH) -> Iterator[tuple[str, Stream]]:
    """A file, and what is packed in it: (how, stream)."""
    yield "", file
    if depth == 0:
        return
    file.seek(0)
    head = file.read(6)
    file.seek(0)
    opened: list[tuple[str, Stream]] = []
    if head[:2] == b"\x1f\x8b":
        opened = [("gzip", gzip.GzipFile(fileobj=file))]
    elif head[:3] == b"BZh":
        opened = [("bzip2", bz2.BZ2File(file))]
    elif head == b"\xfd7zXZ\x00":
        opened = [("xz", lzma.LZMAFile(file))]  # type: ignore[arg-type]  # noqa: SIM115
    elif head[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(file) as archive:
            for member in archive.infolist():
                if not member.is_dir() and not member.flag_bits & 1:
                    opened.append((f"zip, {member.filename}", io.BytesIO(archive.read(member))))
    for how, stream in opened:
        for inner, found in contents(stream, depth - 1):
            yield f"{how} {inner}".strip(), found


def where_in(path: Path, person: Person) -> str | None:
    """How a person stands in the bytes of a file: "" plainly, "gzip" within a packed file; None: not at all."""
    with path.open("rb") as file:
        if is_in(file, person):
            return ""
        file.seek(0)
        try:
            for how, stream in contents(file):
                if how and is_in(stream, person):
                    return how
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile, lzma.LZMAError, RuntimeError, NotImplementedError, ValueError):
            # Cut off or damaged: what could be unpacked was searched.
            return None
    return None

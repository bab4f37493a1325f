"""In what form each destination takes people."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class CsvFormat:
    """A CSV file (RFC 4180, UTF-8 without a mark) with a header and one person per row.

    `headers` names the key's column per key_kind. `flag` are the values of a column named like the audience, in the file of adds and
    in that of removes; `tag` is the column that holds the audience's name in the file of adds. Files are split at `max_rows`
    people and below `max_bytes`.

    No cell needs escaping against formulas: hashes are hexadecimal, and marts.audience_members leaves out addresses and ids that begin
    like a formula (is_email(), is_plain_cell()), because a quote in front would make them those of somebody else.
    """

    headers: dict[str, str]
    flag: tuple[str, str] | None = None
    tag: str | None = None
    max_rows: int | None = None
    max_bytes: int | None = None
    extension: str = "csv"

    def parts(self, audience: str, key_kind: str, change: str, keys: list[str]) -> Iterator[tuple[int, bytes]]:
        """The contents of the files: (people, bytes) each."""
        header, cells = [self.headers[key_kind]], []
        if self.flag:
            header, cells = [*header, audience], [self.flag[change == "remove"]]
        elif self.tag and change == "add":
            header, cells = [*header, self.tag], [audience]
        first = csv_line(header)
        lines, size = [first], len(first)
        for key in keys:
            line = csv_line([key, *cells])
            if len(lines) > 1 and (
                (self.max_rows is not None and len(lines) > self.max_rows)
                or (self.max_bytes is not None and size + len(line) > self.max_bytes)
            ):
                yield len(lines) - 1, b"".join(lines)
                lines, size = [first], len(first)
            lines.append(line)
            size += len(line)
        yield len(lines) - 1, b"".join(lines)


@dataclass(frozen=True)
class MetaFormat:
    """JSON Lines for the Marketing API: every line is the body of one call, with at most `max_rows` people.

    Adds are POST, removes DELETE calls to /<custom_audience_id>/users, in the order of the lines.
    """

    max_rows: int = 10_000
    extension: str = "jsonl"

    def parts(self, audience: str, key_kind: str, change: str, keys: list[str]) -> Iterator[tuple[int, bytes]]:
        """The content of the one file: (people, bytes)."""
        session = hashlib.sha256("\n".join([audience, change, *keys]).encode()).digest()
        batches = [keys[start : start + self.max_rows] for start in range(0, len(keys), self.max_rows)]
        yield (
            len(keys),
            b"".join(
                json.dumps(
                    {
                        "session": {
                            # A 64-bit integer that is the same for the same delivery.
                            "session_id": int.from_bytes(session[:8], "big") >> 1,
                            "batch_seq": number,
                            "last_batch_flag": number == len(batches),
                            "estimated_num_total": len(keys),
                        },
                        "payload": {"schema": ["EMAIL"], "data": [[key] for key in batch]},
                    },
                    separators=(",", ":"),
                ).encode()
                + b"\n"
                for number, batch in enumerate(batches, start=1)
            ),
        )


def csv_line(cells: list[str]) -> bytes:
    """One row of a CSV file."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().encode("utf-8")


# The rules are the destinations' own:
#   google_customer_match  support.google.com/google-ads/answer/7659867: CSV in UTF-8 with English headers, SHA-256 in hexadecimal;
#                          an upload is told to add, to remove or to replace
#   meta_custom_audience   developers.facebook.com/documentation/ads-commerce/marketing-api/audiences/guides/custom-audiences: 10,000 people
#                          a call, a session over the calls
#   hubspot                knowledge.hubspot.com/import-and-export/set-up-your-import-file: CSV in UTF-8 with a header, 1,048,576 rows
#                          and 512 MB a file; a column of a property sets it
#   mailchimp              mailchimp.com/help/format-guidelines-for-your-import-file: a column for the address; an import only adds
#   customer_io            docs.customer.io/journeys/manual-segments and customer.io/docs/uploading-people: a column of ids or of
#                          addresses, 100 MB a file
#   braze                  braze.com/docs/user_guide/audience/manage_audience/import_users/csv_import: external_id, 500 MB a file
#   intercom               intercom.com/help, "Import your user data into Intercom": user_id or email, 20 MB a file
FORMATS: dict[str, CsvFormat | MetaFormat] = {
    "google_customer_match": CsvFormat({"google_email_sha256": "Email"}),
    "meta_custom_audience": MetaFormat(),
    # The limit counts the header.
    "hubspot": CsvFormat({"email": "Email"}, flag=("true", "false"), max_rows=1_048_575, max_bytes=512_000_000),
    "mailchimp": CsvFormat({"email": "Email Address"}, tag="Tags"),
    "customer_io": CsvFormat({"user_id": "id", "email": "email"}, max_bytes=100_000_000),
    "braze": CsvFormat({"user_id": "external_id"}, flag=("TRUE", "FALSE"), max_bytes=500_000_000),
    "intercom": CsvFormat({"user_id": "user_id", "email": "email"}, flag=("true", "false"), max_bytes=20_000_000),
}

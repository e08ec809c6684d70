"""Cutting the dataset into pages: every record whole, every byte kept, the header line on each page."""

import re
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

FIELD = rb'(?:"(?:[^"]++|"")*+"?+)?+[^,\n]*+'
RECORD = re.compile(rb"%b(?:,%b)*+(?:\n|\Z)" % (FIELD, FIELD))
"""One CSV record with its line end (RFC 4180, on bytes), quotation marks read as Python's `csv` does: a mark only
quotes where it opens its field, and what follows the closing one is taken as it is. Possessive, so that it never backtracks."""


@dataclass(frozen=True)
class Page:
    """A header line and `records` whole records, the first of them number `first_record` of the file, from 0."""

    first_record: int
    records: int
    content: bytes

    @cached_property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Sheet:
    """A CSV file and where its records end: `ends[0]` is the end of the header, `ends[i]` that of record i."""

    content: bytes
    ends: tuple[int, ...]

    @property
    def header(self) -> bytes:
        return self.content[: self.ends[0]]

    @property
    def records(self) -> int:
        return len(self.ends) - 1

    def page(self, first_record: int, records: int) -> Page:
        """At most `records` records from `first_record` on; none when the file has no more."""
        last = min(first_record + records, self.records)
        body = self.content[self.ends[first_record] : self.ends[last]]
        return Page(first_record, last - first_record, self.header + body)


def ruled(content: bytes) -> Sheet:
    r"""The file with its record ends found; a line end is `\n` outside quotation marks, with or without `\r`.

    Blank lines are no records; each goes with the record after it, those at the end with the last one.
    """
    ends = [record.end() for record in RECORD.finditer(content) if record[0].strip(b"\r\n")]
    return Sheet(content, (*ends[:-1], len(content)))

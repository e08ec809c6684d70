"""One landed page of a feed as checked, repaired messages. Pure: bytes in, rows out."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import islice
from sys import getsizeof

from streaming.feeds.feed import Feed
from streaming.page import form
from streaming.page.checks import Flaw
from streaming.page.form import Begun
from streaming.page.header import PageError
from streaming.page.limits import DEFAULT, Limits
from streaming.page.messages import Message, Read, Reading, careful, plain
from streaming.page.records import OneALine, Record

__all__ = ["CLEANER_VERSION", "Limits", "Located", "Message", "Page", "PageError", "RejectedRow", "located", "parse"]

CLEANER_VERSION = "5"
"""Changes whenever the same bytes would give other rows."""


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A record that is not a row: the rule it breaks, what was found, and its bytes as they stood in the page."""

    source_row: int
    rule: str
    detail: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """What a page held; `records` = messages with `source_part` 0 + rejected rows. `size` is what the texts take in memory, in bytes."""

    records: int
    messages: list[Message]
    rejected: list[RejectedRow]
    size: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Located:
    """A record where it lies: the offset of its first byte on the page, its bytes, and what `parse` makes of them."""

    offset: int
    raw: bytes
    found: list[Message] | Flaw


def parse(body: bytes, feed: Feed, limits: Limits = DEFAULT) -> Page:
    """Every record of a page of this feed as a message or a rejected row; none is lost and none is guessed at in silence.

    A page is CSV with a header, tab-separated without one, or JSON lines; it may be in gzip or UTF-16. Raises `PageError` when the object as a whole
    is not a page (`empty`, `compressed`, `broken_gzip`, `broken_utf_16`, `undecodable_header`, `broken_header`, `wrong_separator`, `missing_columns`,
    `duplicate_columns`) or exceeds a limit (`inflates_too_far`, `too_many_lines`, `line_too_long`, `too_many_columns`, `too_much_text`).
    Raises nothing else, whatever the bytes are.
    """
    return _page(form.begun(body, feed, limits))


def located(body: bytes, source_row: int, feed: Feed, limits: Limits = DEFAULT) -> Located | None:
    """The record of this number, counted as `parse` counts, with its place on the page (in UTF-8, inflated); None when the page has fewer.

    Raises `PageError` as `parse` does.
    """
    return all_located(body, {source_row}, feed, limits).get(source_row)


def all_located(body: bytes, source_rows: AbstractSet[int], feed: Feed, limits: Limits = DEFAULT) -> dict[int, Located]:
    """The same for several records at once, by number."""
    begun = form.begun(body, feed, limits)
    reading, last = begun.reading, max(source_rows, default=0)
    found = {}
    for number, record in enumerate(islice(begun.records(), last), 1):
        if number in source_rows:
            raw = reading.source.raw(record)
            offset = reading.source.lines.offsets[record.start]
            found[number] = Located(offset, raw, record.flaw or begun.read(number, record, raw, reading))
    return found


def _page(begun: Begun) -> Page:
    rows = _Rows(begun.reading)
    for run in begun.runs():
        if isinstance(run, OneALine):
            rows.add_lines(run)
        else:
            rows.add(run, begun.read)
    return Page(rows.count, rows.taken, rows.rejected, rows.size)


class _Rows:
    """What the records so far have become, and the memory that their texts take."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self.size = 0
        self.count = 0
        self.taken: list[Message] = []
        self.rejected: list[RejectedRow] = []

    def add_lines(self, run: OneALine) -> None:
        """Add those without damage all at once, the others one by one."""
        lines = [line for line, fields in enumerate(run.rows, run.start) if fields]
        rows = [fields for fields in run.rows if fields]
        quick = plain(rows, self.count + 1, self._reading)
        take = self.taken.append
        for line, fields, message in zip(lines, rows, quick, strict=True):
            self.count += 1
            if message is None:
                self._add_by(careful, Record(line, line + 1, fields))
            else:
                take(message)
        self._hold(sum([message.size() for message in quick if message]))

    def add(self, record: Record, read: Read) -> None:
        """One record, by this way of reading it."""
        self.count += 1
        self._add_by(read, record)

    def _add_by(self, read: Read, record: Record) -> None:
        """The record that was counted last, by this way of reading it."""
        raw = self._reading.source.raw(record)
        found = record.flaw or read(self.count, record, raw, self._reading)
        if isinstance(found, Flaw):
            self.rejected.append(RejectedRow(self.count, *found, raw))
            self._hold(getsizeof(found.detail))
        else:
            self.taken += found
            self._hold(sum([message.size() for message in found]))

    def _hold(self, size: int) -> None:
        self.size += size
        most = self._reading.limits.rows_bytes
        if self.size > most:
            detail = f"the rows of {self.count} records take {self.size} bytes of memory, at most {most} are given"
            raise PageError("too_much_text", detail)

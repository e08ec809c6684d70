"""The physical records of a page: their fields as the CSV rules give them, and the bytes they were read from."""

import csv
from bisect import bisect_right
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from streaming.page.checks import Flaw
from streaming.page.header import Header
from streaming.page.lines import Lines

# The reader's default limit, 131,072, would refuse texts that the row checks allow. `Source.most_bytes` bounds a field.
csv.field_size_limit(2**31 - 1)

# The encoding for reading structure, whatever the bytes mean: commas, quotes and line ends are the same in every encoding that is known here.
BYTES = "latin-1"

# Stands for a carriage return inside a line while Python's reader, which would end the record there, looks at it. It is in no decoded text.
_RETURN = "\ud800"

# Bytes read in one go where each line is a record, as on most pages. More would cost more memory for fields than it saves time.
AT_ONCE_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Source:
    """What records are read from. `most_bytes` bounds a line, and a quoted record with all its lines.

    `labels` are those of the feed as they may stand in the lines, with a character for each byte.
    """

    lines: Lines
    header: Header
    most_bytes: int
    labels: tuple[str, ...]

    def text(self, index: int) -> str:
        """One line, a character for each byte: only what is being read is in memory as text."""
        text = self.lines.raw[index].decode(BYTES)
        return _without_returns(text) if self.lines.holds_returns else text

    def fields(self, read: list[str]) -> list[str]:
        """The fields read, with carriage returns back in place."""
        return [field.replace(_RETURN, "\r") for field in read] if self.lines.holds_returns else read

    def raw(self, record: "Record") -> bytes:
        """The bytes of a record."""
        start, stop = record.start, record.stop
        return self.lines.raw[start] if stop == start + 1 else b"".join(self.lines.raw[start:stop])


class Record(NamedTuple):
    """The lines from `start` up to but not including `stop`, and the fields in them.

    `fields` has a character for each byte (`.encode(BYTES)` gives the bytes). It is empty where the fields cannot be read; `flaw` then
    says why (`broken_quotes`, `line_too_long`).
    """

    start: int
    stop: int
    fields: list[str]
    flaw: Flaw | None = None


def _without_returns(line: str) -> str:
    """The line with `_RETURN` for each carriage return except at its end: where a program added a second one, both belong to the end."""
    inside = line.removesuffix("\n").rstrip("\r")
    return inside.replace("\r", _RETURN) + line[len(inside) :]


class _TooLongError(Exception):
    """The lines of a record have more bytes than may be read."""


class OneALine(NamedTuple):
    """The fields of each line from `start` on, where each is a record by itself. Blank lines are not records and have no fields."""

    start: int
    rows: list[list[str]]

    def records(self) -> Iterator[Record]:
        """Each as a record."""
        for line, fields in enumerate(self.rows, self.start):
            if fields:
                yield Record(line, line + 1, fields)


def split(source: Source, start: int) -> Iterator[Record]:
    """Every record in the lines from `start` on; blank lines are none.

    Quoted fields keep their line ends. A quote that never closes costs its own line only. It is seen where a record of
    several lines breaks the CSV rules, has another number of columns than the header, is too long, or ends with a line that
    is a whole record by itself. The first line is then the broken record, and those behind it are read again. No line is
    read more than three times.
    """
    for found in runs(source, start):
        if isinstance(found, OneALine):
            yield from found.records()
        else:
            yield found


def lines(source: Source, start: int) -> Iterator[Record]:
    """Each line from `start` on as a record that is not read yet; blank ones are none."""
    for index in range(start, len(source.lines.raw)):
        line = source.lines.raw[index]
        if not line.isspace():
            too_long = len(line) > source.most_bytes
            yield Record(index, index + 1, [], _too_long(source, index, index + 1) if too_long else None)


def runs(source: Source, start: int) -> Iterator[OneALine | Record]:
    """The same as `split`, many in one go where possible: on most pages, each line is a record by itself."""
    end = len(source.lines.raw)
    while start < end:
        stop = _without_odd_quotes(source.lines.raw, start, _so_far(source.lines.offsets, start))
        rows = _one_a_line(source, start, stop)
        if rows is None:
            start = yield from carefully(source, start, max(stop, start + 1))
        else:
            yield OneALine(start, rows)
            start = stop


def _so_far(offsets: Sequence[int], start: int) -> int:
    """The end of the lines from `start` on that have at most `AT_ONCE_BYTES` together; one line at least."""
    return max(bisect_right(offsets, offsets[start] + AT_ONCE_BYTES, start + 1) - 1, start + 1)


def _without_odd_quotes(lines: Sequence[bytes], start: int, stop: int) -> int:
    """The first line with an odd number of quotes, which may begin a record of several. Counted in the bytes, before any line is read."""
    for index in range(start, stop):
        if lines[index].count(b'"') % 2:
            return index
    return stop


def _one_a_line(source: Source, start: int, stop: int) -> list[list[str]] | None:
    """The fields of each line, where each is a record by itself; None where one is not, or breaks a rule."""
    lines = source.lines.raw[start:stop]
    if not lines or source.lines.holds_returns or max(map(len, lines)) > source.most_bytes:
        return None
    try:
        rows = list(csv.reader([line.decode(BYTES) for line in lines], strict=True))
    except csv.Error:
        return None
    # A record of several lines makes fewer rows; no line makes two.
    return rows if len(rows) == len(lines) else None


def carefully(source: Source, start: int, stop: int) -> Generator[Record, None, int]:
    """The records that begin before line `stop`, whatever their quotes are like; answers the line behind the last."""
    while start < stop:
        for record in _parsed(source, start, len(source.lines.raw)):
            start = record.stop
            if record.stop - record.start > 1 and not _is_trusted(record, source):
                yield from _one_by_one(record, source)
                start = record.stop - 1
                break
            if record.fields or record.flaw:
                yield record
            if start >= stop:
                break
    return start


def _parsed(source: Source, start: int, stop: int) -> Iterator[Record]:
    """Records from line `start` on, up to and including the first that cannot be read."""
    begin = end = start
    offsets, text, most = source.lines.offsets, source.text, source.most_bytes

    def texts() -> Iterator[str]:
        nonlocal end
        for end in range(start + 1, stop + 1):
            if offsets[end] - offsets[begin] > most:
                raise _TooLongError
            yield text(end - 1)

    try:
        for fields in csv.reader(texts(), strict=True):
            yield Record(begin, end, source.fields(fields))
            begin = end
    except csv.Error as error:
        yield Record(begin, end, [], Flaw("broken_quotes", str(error)))
    except _TooLongError:
        yield Record(begin, end, [], _too_long(source, begin, end))


def _too_long(source: Source, start: int, stop: int) -> Flaw:
    if stop - start > 1:
        return Flaw("broken_quotes", f"a quoted field does not close within {source.most_bytes} bytes")
    size = len(source.lines.raw[start])
    return Flaw("line_too_long", f"the line has {size} bytes, at most {source.most_bytes} are read")


def _one_by_one(record: Record, source: Source) -> Iterator[Record]:
    """The first line as broken, then each other by itself except the last, which may begin a record of several lines."""
    flaw = record.flaw or Flaw("broken_quotes", "a quoted field does not close before the next record")
    yield Record(record.start, record.start + 1, [], flaw)
    for index in range(record.start + 1, record.stop - 1):
        alone = _alone(source, index)
        if alone.fields or alone.flaw:
            yield alone


def _is_trusted(record: Record, source: Source) -> bool:
    r"""A quote that was never closed ends at a quote inside a later record: its last line is then a whole record.

    A line in the middle that looks like a record is text (`"fwd:\nspam,WIN NOW\nlol"`). In a feed without labels, no line is recognised as a record.
    """
    return len(record.fields) == source.header.width and not _is_whole(source, record.stop - 1)


def _is_whole(source: Source, index: int) -> bool:
    label = source.header.label
    if label is None or source.lines.raw[index].count(b",") < source.header.width - 1:
        return False
    fields = _alone(source, index).fields
    return len(fields) == source.header.width and fields[label] in source.labels


def _alone(source: Source, index: int) -> Record:
    return next(_parsed(source, index, index + 1))

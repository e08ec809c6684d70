"""The physical records of a page: their fields as the CSV rules give them, and the bytes they were read from."""

import csv
import io
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from streaming.checks import LABELS
from streaming.header import Header

# The reader's default limit, 131,072, would refuse texts that the row checks allow. The size of a page bounds a field.
csv.field_size_limit(2**31 - 1)


class Lines(NamedTuple):
    r"""The lines of a page with their ends (`\r\n`, `\n`, `\r`): bytes, text, and where in the page each begins."""

    raw: list[bytes]
    text: list[str]
    offsets: list[int]


class Record(NamedTuple):
    """One record; `number` counts from 1, `offset` is that of its first byte in the page.

    `fields` is empty where the quotes cannot be read; `flaw` then says why.
    """

    number: int
    offset: int
    raw: bytes
    fields: list[str]
    flaw: str = ""


class _Run(NamedTuple):
    """A run of lines, from `start` up to but without `stop`, and its fields."""

    start: int
    stop: int
    fields: list[str]
    flaw: str = ""


def lines(content: bytes, codec: str, offset: int) -> Lines:
    """The lines of `content`, which begins at byte `offset` of the page."""
    raw = content.splitlines(keepends=True)
    text = list(io.StringIO(content.decode(codec), newline=""))
    return Lines(raw, text, list(accumulate(map(len, raw), initial=offset)))


def split(page: Lines, start: int, header: Header) -> Iterator[Record]:
    """Every record in the lines from `start` on; blank lines are none.

    Quoted fields keep their line ends. A quote that never closes costs its own line only: where a record of several
    lines breaks the CSV rules, has another number of columns than the header, or holds a line that is a whole record
    by itself, its first line is the broken record and those behind it are read again. No line is read more than three
    times.
    """
    for number, run in enumerate(_runs(page.text, start, header), 1):
        raw = page.raw[run.start] if run.stop == run.start + 1 else b"".join(page.raw[run.start : run.stop])
        yield Record(number, page.offsets[run.start], raw, run.fields, run.flaw)


def _runs(lines: list[str], start: int, header: Header) -> Iterator[_Run]:
    while start < len(lines):
        for run in _parsed(lines, start):
            start = run.stop
            if run.stop - run.start > 1 and not _is_trusted(run, lines, header):
                yield from _one_by_one(run, lines)
                start = run.stop - 1
                break
            if run.fields or run.flaw:
                yield run


def _parsed(lines: list[str], start: int) -> Iterator[_Run]:
    """Runs from line `start` on, up to and with the first that breaks the CSV rules."""
    # By index: a slice would copy the rest of the page each time reading starts again.
    reader = csv.reader(map(lines.__getitem__, range(start, len(lines))), strict=True)
    begin = start
    try:
        for fields in reader:
            end = start + reader.line_num
            yield _Run(begin, end, fields)
            begin = end
    except csv.Error as error:
        yield _Run(begin, start + reader.line_num, [], str(error))


def _one_by_one(run: _Run, lines: list[str]) -> Iterator[_Run]:
    """The first line as broken; the others but the last, which may begin a record of several lines, by themselves."""
    yield _Run(run.start, run.start + 1, [], run.flaw or "a quoted field does not close before the next record")
    for index in range(run.start + 1, run.stop - 1):
        alone = _alone(lines[index])
        if alone.fields or alone.flaw:
            yield alone._replace(start=index, stop=index + 1)


def _is_trusted(run: _Run, lines: list[str], header: Header) -> bool:
    if len(run.fields) != header.width:
        return False
    return not any(_is_whole(lines[index], header) for index in range(run.start + 1, run.stop))


def _is_whole(line: str, header: Header) -> bool:
    if line.count(",") < header.width - 1:
        return False
    fields = _alone(line).fields
    return len(fields) == header.width and fields[header.label] in LABELS


def _alone(line: str) -> _Run:
    return next(_parsed([line], 0))

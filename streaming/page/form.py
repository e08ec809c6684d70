"""The form of a page, recognised by its first line that is not blank: CSV with a header, tab-separated without one, or JSON lines."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from streaming.feeds.feed import Feed
from streaming.page import chain, content, encoding, header, json_lines, records, tab_separated
from streaming.page.chain import Chain
from streaming.page.encoding import UnexplainedBytesError
from streaming.page.header import Header, PageError
from streaming.page.limits import Limits
from streaming.page.lines import Lines, cut
from streaming.page.messages import Read, Reading, messages
from streaming.page.records import BYTES, OneALine, Record, Source

# For a page without a header: the parser takes nothing from it.
_NO_HEADER = Header(0, 0, 0, slice(0), {}, {})


class Begun(NamedTuple):
    """A page whose form is known: what its records are read with, and the line on which the first one begins."""

    reading: Reading
    read: Read
    start: int

    def runs(self) -> Iterator[OneALine | Record]:
        """Its records; many in one go where each is a line by itself."""
        source = self.reading.source
        return records.runs(source, self.start) if self.read is messages else records.lines(source, self.start)

    def records(self) -> Iterator[Record]:
        """Its records one by one."""
        source = self.reading.source
        return records.split(source, self.start) if self.read is messages else records.lines(source, self.start)


def begun(body: bytes, feed: Feed, limits: Limits) -> Begun:
    """The page in an object. Raises `PageError` where there is none."""
    lines = cut(content.text(body, limits), limits.lines)
    first = _first(lines, len(body))
    chains = tuple(map(chain.of, feed.damages))
    labels = _as_they_stand(feed.labels, chains)
    read = _by_line(lines.raw[first], labels)
    columns = _NO_HEADER if read else _header(lines.raw[first], feed, chains, limits)
    reading = Reading(Source(lines, columns, limits.line_bytes, labels), feed, chains, limits)
    return Begun(reading, read or messages, first if read else first + 1)


def _as_they_stand(labels: Sequence[str], chains: Sequence[Chain]) -> tuple[str, ...]:
    """Each label as it may stand on a page, with a character for each byte: in UTF-8, and as each declared damage leaves it."""
    found: dict[str, None] = {}
    for label in labels:
        if label.isascii():
            found[label] = None
        else:
            every = (label.encode(), *(chain.after(label) for chain in chains))
            found |= dict.fromkeys(one.decode(BYTES) for one in every)
    return tuple(found)


def _by_line(line: bytes, labels: Sequence[str]) -> Read | None:
    """The reader for lines that are records by themselves; otherwise None."""
    if json_lines.is_begun_by(line):
        return json_lines.messages
    return tab_separated.messages if tab_separated.is_begun_by(line, labels) else None


def _first(lines: Lines, size: int) -> int:
    for index, line in enumerate(lines.raw):
        if line and not line.isspace():
            return index
    raise PageError("empty", f"the object has {size} bytes and no header line")


def _header(line: bytes, feed: Feed, chains: Sequence[Chain], limits: Limits) -> Header:
    header.bound(line, limits)
    try:
        return header.read(encoding.of(line, chains).restore(line).text, feed)
    except UnexplainedBytesError as error:
        raise PageError("undecodable_header", f"byte {error.offset} of the header: {error.what}") from error

"""One landed page of the export as checked, repaired messages. Pure: bytes in, rows out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from sys import getsizeof
from typing import NamedTuple

from streaming.page import checks, encoding, header, records, structure
from streaming.page.checks import Flaw
from streaming.page.encoding import MacRoman, UnexplainedBytesError, Utf8
from streaming.page.entities import unescape
from streaming.page.header import Header, PageError
from streaming.page.limits import DEFAULT, Limits
from streaming.page.lines import Lines, cut
from streaming.page.records import Record, Source
from streaming.page.structure import Part

__all__ = ["CLEANER_VERSION", "Limits", "Message", "Page", "PageError", "RejectedRow", "parse"]

CLEANER_VERSION = "2"
"""Changes whenever the same bytes would give other rows."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a page.

    `text` is the message as its sender's system had it, HTML entities included; `text_unescaped` has those resolved.
    `text_raw` is the text column as the CSV rules give it (enclosing quotes removed, `""` is `"`), followed by the
    unnamed columns it spilled into with a comma before each, before any repair. On a page that is not UTF-8 it is
    decoded as Mac Roman: `text_raw.encode("mac_roman")` gives the page's bytes again. A message that was recovered from
    inside another record has that record's `text_raw`.
    `repair` names the rules applied, in order, joined by `+`; None when none was needed. `rescued` is a JSON object of
    the filled columns that the lakehouse does not know, None when there are none. `source_row` is the record's number
    on the page, from 1, without the header; `source_part` is 0 for the record itself, from 1 for those recovered
    inside it.
    """

    label: str
    text: str
    text_unescaped: str
    text_raw: str
    repair: str | None
    rescued: str | None
    source_row: int
    source_part: int


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A record that is no row: the rule it breaks, what was found, and its bytes as they stood in the page."""

    source_row: int
    rule: str
    detail: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """What a page held; `records` = messages with `source_part` 0 + rejected rows."""

    records: int
    messages: list[Message]
    rejected: list[RejectedRow]


class _Reading(NamedTuple):
    """What the rows of one page are made with."""

    source: Source
    characters: Utf8 | MacRoman
    limits: Limits


def parse(body: bytes, limits: Limits = DEFAULT) -> Page:
    """Every record of a page as a message or a rejected row; none is lost and none is guessed at in silence.

    Raises `PageError` when the object as a whole is no page (`empty`, `compressed`, `utf_16`, `undecodable_header`,
    `broken_header`, `wrong_separator`, `missing_columns`, `duplicate_columns`) or is more than one may be
    (`too_many_lines`, `line_too_long`, `too_many_columns`, `too_much_text`). Raises nothing else, whatever the
    bytes are.
    """
    header.refuse_foreign(body)
    lines = cut(body, limits.lines)
    first = _first(lines, len(body))
    header.bound(lines.raw[first], limits)
    telling = [line for line in lines.raw if not line.isascii() and len(line) <= limits.line_bytes]
    characters = encoding.detect(telling)
    columns = _header(lines.raw[first], characters)
    source = Source(lines, characters.codec, columns, limits.line_bytes)
    return _page(_Reading(source, characters, limits), first + 1)


def _first(lines: Lines, size: int) -> int:
    for index, line in enumerate(lines.raw):
        if line and not line.isspace():
            return index
    raise PageError("empty", f"the object has {size} bytes and no header line")


def _header(line: bytes, characters: Utf8 | MacRoman) -> Header:
    try:
        return header.read(characters.restore(line.decode(characters.codec)).text)
    except UnexplainedBytesError as error:
        raise PageError("undecodable_header", f"byte {error.offset} of the header: {error.what}") from error


def _page(reading: _Reading, start: int) -> Page:
    messages: list[Message] = []
    rejected: list[RejectedRow] = []
    count = held = 0
    for count, record in enumerate(records.split(reading.source, start), 1):
        raw = reading.source.raw(record)
        found = _messages(count, record, raw, reading)
        if isinstance(found, Flaw):
            rejected.append(RejectedRow(count, *found, raw))
            held += getsizeof(found.detail)
        else:
            messages += found
            for message in found:
                held += _held(message)
        if held > reading.limits.rows_bytes:
            raise _too_much(held, count, reading.limits.rows_bytes)
    return Page(count, messages, rejected)


def _held(message: Message) -> int:
    """The memory that a message's texts take; one string that is several of them counts once."""
    text = message.text
    size = getsizeof(text)
    if message.text_unescaped is not text:
        size += getsizeof(message.text_unescaped)
    if message.text_raw is not text:
        size += getsizeof(message.text_raw)
    return size + getsizeof(message.rescued) if message.rescued else size


def _too_much(size: int, count: int, most: int) -> PageError:
    return PageError(
        "too_much_text", f"the rows of {count} records take {size} bytes of memory, at most {most} are given"
    )


def _messages(number: int, record: Record, raw: bytes, reading: _Reading) -> list[Message] | Flaw:
    columns = reading.source.header
    if record.flaw:
        return record.flaw
    if len(record.fields) != columns.width:
        return Flaw("column_count", f"{len(record.fields)} columns, the header has {columns.width}")
    text, spilled = record.fields[columns.text], record.fields[columns.spill]
    parts = structure.parts(record.fields[columns.label], text, spilled)
    whole = structure.joined(text, spilled)
    if len(parts) > 1 and (flaw := checks.too_many(len(parts) - 1, whole, reading.limits)):
        return flaw
    try:
        if not raw.isascii():
            parts = _restored(parts, raw, reading.characters)
        if flaw := _flaw(parts, spilled, reading.limits):
            return flaw
        rescued = _rescued(record, reading) if columns.extra else None
    except UnexplainedBytesError as error:
        offset = reading.source.lines.offsets[record.start] + error.offset
        return Flaw(error.rule, f"byte {offset} of the page: {error.what}")
    return [_message(part, whole, rescued, number, index) for index, part in enumerate(parts)]


def _restored(parts: list[Part], raw: bytes, characters: Utf8 | MacRoman) -> list[Part]:
    """The messages in a record, repaired; the offset of an `UnexplainedBytesError` is one in the record."""
    characters.restore(raw.decode(characters.codec))
    restored = [characters.restore(part.text) for part in parts]
    return [Part(part.label, new.text, part.rules + new.rules) for part, new in zip(parts, restored, strict=True)]


def _flaw(parts: Sequence[Part], spilled: Sequence[str], limits: Limits) -> Flaw | None:
    if not parts:
        return Flaw("unexplained_columns", f"unnamed columns hold {spilled!r:.200}")
    for part in parts:
        if flaw := checks.flaw(part.label, part.text, limits.text_bytes):
            return flaw
    return None


def _message(part: Part, raw: str, rescued: str | None, row: int, index: int) -> Message:
    label, text, rules = part
    return Message(label, text, unescape(text), raw, "+".join(rules) if rules else None, rescued, row, index)


def _rescued(record: Record, reading: _Reading) -> str | None:
    values = {name: record.fields[index] for name, index in reading.source.header.extra.items() if record.fields[index]}
    if not values:
        return None
    restore = reading.characters.restore
    return json.dumps({name: restore(value).text for name, value in values.items()}, ensure_ascii=False)

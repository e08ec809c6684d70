"""One landed page of the export as checked, repaired messages. Pure: bytes in, rows out."""

import html
import json
from dataclasses import dataclass

from streaming import checks, encoding, header, records, structure
from streaming.encoding import MacRoman, UnexplainedBytesError, Utf8
from streaming.header import Header, PageError
from streaming.records import Record
from streaming.structure import Part

__all__ = ["CLEANER_VERSION", "Message", "Page", "PageError", "RejectedRow", "parse"]

CLEANER_VERSION = "1"
"""Changes whenever the same bytes would give other rows."""

_BOM = b"\xef\xbb\xbf"


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


def parse(body: bytes) -> Page:
    """Every record of a page as a message or a rejected row; none is lost and none is guessed at in silence.

    Raises `PageError` when the object as a whole is no page: `empty`, `compressed`, `utf_16`, `undecodable_header`,
    `broken_header`, `wrong_separator`, `missing_columns`, `duplicate_columns`.
    """
    content = body.removeprefix(_BOM)
    header.refuse_foreign(content)
    characters = encoding.detect(content)
    lines = records.lines(content, characters.codec, offset=len(body) - len(content))
    first = next(index for index, line in enumerate(lines.raw) if line.strip())
    columns = _header(lines.text[first], characters)

    messages: list[Message] = []
    rejected: list[RejectedRow] = []
    count = 0
    for record in records.split(lines, first + 1, columns):
        count = record.number
        row = _row(record, columns, characters)
        if isinstance(row, RejectedRow):
            rejected.append(row)
        else:
            messages.extend(row)
    return Page(count, messages, rejected)


def _header(line: str, characters: Utf8 | MacRoman) -> Header:
    try:
        return header.read(characters.restore(line).text)
    except UnexplainedBytesError as error:
        raise PageError("undecodable_header", f"byte {error.offset} of the header: {error.what}") from error


def _row(record: Record, columns: Header, characters: Utf8 | MacRoman) -> list[Message] | RejectedRow:
    if record.flaw:
        return _rejected(record, "broken_quotes", record.flaw)
    if len(record.fields) != columns.width:
        return _rejected(record, "column_count", f"{len(record.fields)} columns, the header has {columns.width}")
    try:
        parts = _parts(record, columns, characters)
        rescued = _rescued(record, columns, characters)
    except UnexplainedBytesError as error:
        return _rejected(record, error.rule, f"byte {record.offset + error.offset} of the page: {error.what}")
    if not parts:
        return _rejected(record, "unexplained_columns", f"unnamed columns hold {record.fields[columns.spill]!r:.200}")
    for part in parts:
        if flaw := checks.flaw(part.label, part.text):
            return _rejected(record, *flaw)
    raw = structure.joined(record.fields[columns.text], record.fields[columns.spill])
    return [_message(part, raw, rescued, record.number, index) for index, part in enumerate(parts)]


def _parts(record: Record, columns: Header, characters: Utf8 | MacRoman) -> list[Part]:
    """The messages in a record, repaired; the offset of an `UnexplainedBytesError` is one in the record."""
    label, text, spilled = record.fields[columns.label], record.fields[columns.text], record.fields[columns.spill]
    found = structure.parts(label, text, spilled)
    if record.raw.isascii():
        return found
    characters.restore(record.raw.decode(characters.codec))
    restored = [characters.restore(part.text) for part in found]
    return [Part(part.label, new.text, part.rules + new.rules) for part, new in zip(found, restored, strict=True)]


def _message(part: Part, raw: str, rescued: str | None, row: int, index: int) -> Message:
    unescaped = html.unescape(part.text)
    return Message(part.label, part.text, unescaped, raw, "+".join(part.rules) or None, rescued, row, index)


def _rescued(record: Record, columns: Header, characters: Utf8 | MacRoman) -> str | None:
    if not columns.extra:
        return None
    values = {name: record.fields[index] for name, index in columns.extra.items() if record.fields[index]}
    if not values:
        return None
    return json.dumps({name: characters.restore(value).text for name, value in values.items()}, ensure_ascii=False)


def _rejected(record: Record, rule: str, detail: str) -> RejectedRow:
    return RejectedRow(record.number, rule, detail, record.raw)

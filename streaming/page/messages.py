"""The messages in one record of a page: repaired and checked, or the flaw for which it is rejected."""

import json
from collections.abc import Callable, Mapping, Sequence
from sys import getsizeof
from typing import Any, NamedTuple

from streaming.feeds.feed import Feed
from streaming.page import checks, declared, encoding, structure
from streaming.page.chain import Chain
from streaming.page.checks import Flaw
from streaming.page.encoding import Damaged, UnexplainedBytesError, Utf8
from streaming.page.entities import unescape
from streaming.page.header import Header
from streaming.page.limits import Limits
from streaming.page.records import BYTES, Record, Source
from streaming.page.structure import Part


class Message(NamedTuple):
    """One message of a page.

    `text` is the message as its sender's system had it, HTML entities included; `text_unescaped` has those resolved.
    `text_raw` is the text column as the CSV rules give it (enclosing quotes removed, `""` is `"`), followed by the
    unnamed columns it spilled into with a comma before each, before any repair. In a record with a declared
    damage it is decoded as the damage's `saved_as`: `text_raw.encode("mac_roman")` gives the SMS page's bytes again. A message that was recovered from
    inside another record has that record's `text_raw`.
    `repair` names the rules applied, in order, joined by `+`; None when none was needed. `rescued` is a JSON object of
    the filled columns that the lakehouse does not know, None when there are none. `source_row` is the record's number
    on the page, from 1, without the header; `source_part` is 0 for the record itself, from 1 for those recovered
    inside it. `columns` has the values of the feed's own columns without the missing ones; None where there are none.
    `label` is None in a feed without labels.
    """

    label: str | None
    text: str
    text_unescaped: str
    text_raw: str
    repair: str | None
    rescued: str | None
    source_row: int
    source_part: int
    columns: Mapping[str, Any] | None = None

    def size(self) -> int:
        """The bytes of memory that its texts take; a string that serves as several of them counts once."""
        text = self.text
        size = getsizeof(text)
        if self.text_unescaped is not text:
            size += getsizeof(self.text_unescaped)
        if self.text_raw is not text:
            size += getsizeof(self.text_raw)
        if self.columns:
            size += sum(map(getsizeof, self.columns.values()))
        return size + getsizeof(self.rescued) if self.rescued else size


class Beside(NamedTuple):
    """What a record has beside its message: `rescued` as in `Message`, what it says for the feed's own columns, and the rules that repaired those."""

    rescued: str | None = None
    told: Mapping[str, Any] = {}
    rules: tuple[str, ...] = ()


class Reading(NamedTuple):
    """What the messages of one page are made with."""

    source: Source
    feed: Feed
    chains: tuple[Chain, ...]
    limits: Limits


Read = Callable[[int, Record, bytes, Reading], list[Message] | Flaw]
"""What becomes of a record, by its number and bytes."""


def messages(number: int, record: Record, raw: bytes, reading: Reading) -> list[Message] | Flaw:
    """The messages in the record of this number, at least one, or why it is rejected; `raw` are its bytes."""
    [quick] = plain([record.fields], number, reading)
    return [quick] if quick else careful(number, record, raw, reading)


def plain(rows: Sequence[list[str]], first: int, reading: Reading) -> list[Message | None]:
    """What `careful` makes of each of these records, numbered from `first` on, in a tenth of the time; None for one with damage.

    A record shows no damage when it has a label and a text of printable ASCII, and nothing else, in a feed that asks for nothing else.
    """
    columns, most = reading.source.header, reading.limits.text_bytes
    # One string for each label: half a million copies would take 25 MB. The fields are bytes still: beyond ASCII, they are not the label's characters.
    labels = {known: known for known in reading.feed.labels if known.isascii()}
    width, label, spill = columns.width, columns.label, columns.spill
    if columns.extra or label is None or not reading.feed.is_plain:
        return [None] * len(rows)
    nothing = [""] * len(range(width)[spill])
    return [
        Message(labels[fields[label]], text, unescape(text) if "&" in text else text, text, None, None, number, 0)
        if len(fields) == width
        and (text := fields[columns.text]).isascii()
        and text.isprintable()
        and "\\" not in text
        and text
        and not text.isspace()
        and len(text) <= most
        and fields[label] in labels
        and fields[spill] == nothing
        else None
        for number, fields in enumerate(rows, first)
    ]


def careful(number: int, record: Record, raw: bytes, reading: Reading) -> list[Message] | Flaw:
    """The same, whatever stands in the record."""
    width = reading.source.header.width
    if record.flaw:
        return record.flaw
    if len(record.fields) != width:
        return Flaw("column_count", f"{len(record.fields)} columns, the header has {width}")
    try:
        return _read(number, record, encoding.of(raw, reading.chains), reading)
    except UnexplainedBytesError as error:
        return unexplained(error, record, reading)


def unexplained(error: UnexplainedBytesError, record: Record, reading: Reading) -> Flaw:
    """The flaw of a record with bytes that nothing explains, by their place on the page."""
    offset = reading.source.lines.offsets[record.start] + error.offset
    return Flaw(error.rule, f"byte {offset} of the page: {error.what}")


def checked(number: int, part: Part, raw: str, beside: Beside, reading: Reading) -> list[Message] | Flaw:
    """The only message of a record, unless it breaks a rule; `raw` is its text before any repair.

    Raises `PageError` for a rule of the feed that refuses the object.
    """
    found = _checked(number, 0, part, raw, beside, reading)
    return found if isinstance(found, Flaw) else [found]


def _read(number: int, record: Record, characters: Utf8 | Damaged, reading: Reading) -> list[Message] | Flaw:
    columns = reading.source.header
    text, spilled = record.fields[columns.text], record.fields[columns.spill]
    label = "" if columns.label is None else record.fields[columns.label]
    parts = structure.parts(label, text, reading.source.labels, spilled)
    if not parts:
        told = [characters.raw(value.encode(BYTES)) for value in spilled]
        return Flaw("unexplained_columns", f"unnamed columns hold {told!r:.200}")
    whole = characters.raw(structure.joined(text, spilled).encode(BYTES))
    if len(parts) > 1:
        if reading.feed.columns:
            names = ", ".join(column.name for column in reading.feed.columns)
            return Flaw("unexplained_columns", f"{len(parts) - 1} records inside: nothing says whose {names} are")
        if flaw := checks.too_many(len(parts) - 1, whole, reading.limits):
            return flaw
    whole_parts = [restored(part, characters) for part in parts]
    beside = _beside(record, columns, characters)
    found: list[Message] = []
    for index, part in enumerate(whole_parts):
        message = _checked(number, index, part, whole, beside, reading)
        if isinstance(message, Flaw):
            return message
        found.append(message)
    return found


def restored(part: Part, characters: Utf8 | Damaged) -> Part:
    """The original text of a part that has a character for each byte. Raises `UnexplainedBytesError`."""
    if part.label.isascii() and part.text.isascii():
        return part
    label, text = (characters.restore(told.encode(BYTES)) for told in (part.label, part.text))
    return Part(label.text, text.text, part.rules + text.rules)


def _checked(number: int, index: int, part: Part, raw: str, beside: Beside, reading: Reading) -> Message | Flaw:
    label, text, applied = part
    if flaw := checks.flaw(label, text, reading.feed.labels, reading.limits.text_bytes):
        return flaw
    if beside.rules:
        applied = tuple(dict.fromkeys(applied + beside.rules))
    columns = {} if reading.feed.is_plain else declared.columns(number, label or None, text, beside.told, reading.feed)
    if isinstance(columns, Flaw):
        return columns
    repair = "+".join(applied) or None
    return Message(label or None, text, unescape(text), raw, repair, beside.rescued, number, index, columns or None)


def _beside(record: Record, columns: Header, characters: Utf8 | Damaged) -> Beside:
    """An empty field holds no value."""
    if not columns.extra and not columns.own:
        return Beside()
    extra, own = (
        {
            name: characters.restore(field.encode(BYTES))
            for name, index in places.items()
            if (field := record.fields[index])
        }
        for places in (columns.extra, columns.own)
    )
    rescued = json.dumps({name: value.text for name, value in extra.items()}, ensure_ascii=False) if extra else None
    told = {name: value.text for name, value in own.items()}
    return Beside(rescued, told, tuple(rule for value in own.values() for rule in value.rules))

"""What a replay adds: those of an object's quarantine entries that the present cleaner can read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from conf.tables import RAW_BYTES_KEPT
from streaming.page.checks import Flaw
from streaming.page.messages import Message
from streaming.page.parser import Located
from streaming.rows.outcomes import Outcome, Rejected

RESOLVED: Final = "resolution"


@dataclass(frozen=True)
class Unresolved:
    """A quarantine entry that no replay has resolved: about the whole object if it has no row, otherwise about one record."""

    rule: str
    source_row: int | None
    raw: bytes
    raw_size: int
    decision: int


@dataclass(frozen=True)
class Replay:
    """What a replay can be about, and the decision that it follows."""

    replaces: int
    entries: tuple[Unresolved, ...]

    @property
    def is_of_object(self) -> bool:
        """Whether the object was refused as a whole."""
        return any(entry.source_row is None for entry in self.entries)


def of_object(found: Outcome, entries: Sequence[Unresolved]) -> Outcome | None:
    """The object was refused as a whole: all its rows, once it can be read as a page; None while it cannot."""
    if found.state != "loaded":
        return None
    return replace(found, rejected=[*found.rejected, *map(_resolution, entries)])


def of_rows(found: Outcome, records: Mapping[int, Located], entries: Sequence[Unresolved]) -> Outcome | None:
    """Some of its records were rejected: the messages of those that can be read now; None when there is no such record.

    `records` has the object's records by number, as they are read now. If one has other bytes, it is another record: what is
    known of the old one stays.
    """
    readable = [(entry, messages) for entry in entries if (messages := _messages(entry, records))]
    if not readable:
        return None
    messages = [message for _, some in readable for message in some]
    return replace(
        found,
        records=len(readable),
        messages=messages,
        size=sum(message.size() for message in messages),
        rejected=[_resolution(entry) for entry, _ in readable],
    )


def _messages(entry: Unresolved, records: Mapping[int, Located]) -> Sequence[Message]:
    """The messages of the entry's record; none where it is still rejected, or another record stands in its place."""
    record = records.get(entry.source_row or 0)
    if record is None or isinstance(record.found, Flaw):
        return ()
    is_same = len(record.raw) == entry.raw_size and record.raw[:RAW_BYTES_KEPT] == entry.raw
    return record.found if is_same else ()


def _resolution(entry: Unresolved) -> Rejected:
    detail = f"loaded; it was rejected by decision {entry.decision}"
    return Rejected(RESOLVED, entry.rule, detail, b"", 0, entry.source_row)

"""What becomes of an object version or a record: its entry in the ledger, its messages, and what quarantine keeps of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from sys import getsizeof
from typing import Any, Literal

import pyarrow as pa

from conf.tables import LEDGER, MESSAGES, QUARANTINE, RAW_BYTES_KEPT
from streaming.events.intake import Announced, DeadLetter
from streaming.feeds.feed import Feed
from streaming.feeds.table import messages_of
from streaming.page.parser import Message, Page
from streaming.rows.columns import Columns, Run, portions
from streaming.rows.digest import message_hashes, row_hash
from streaming.rows.features import with_features
from streaming.rows.stamp import Stamp

State = Literal["loaded", "quarantined", "vanished", "superseded"]
Kind = Literal["object", "row", "record", "resolution"]

# What Python needs for a string beside its characters.
STRING = getsizeof("")
# What the whole numbers, times and flags of a message take (measured).
NUMBERS = 80
TEXTS = 4
"""Columns of `messages` that hold a message's text: as it was, repaired, with its entities resolved, and in its normal form."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """One entry for quarantine."""

    kind: Kind
    rule: str
    detail: str
    raw: bytes
    raw_size: int
    source_row: int | None = None


@dataclass(frozen=True)
class Told:
    """What an object's metadata says of it; None for what it does not say."""

    source_page: int | None = None
    source_records: int | None = None
    source_sha256: str | None = None
    source_dataset: str | None = None
    source_origin: str | None = None


@dataclass(frozen=True)
class Outcome:
    """The decision about one object version."""

    state: State
    records: int = 0
    messages: Sequence[Message] = ()
    rejected: Sequence[Rejected] = ()
    content_sha256: str | None = None
    told: Told = field(default_factory=Told)
    size: int = 0
    """What the texts of its messages take in memory, in bytes."""


def loaded(content: bytes, page: Page, told: Told) -> Outcome:
    """The page could be parsed: its messages, and the records that are not messages."""
    rejected = [Rejected("row", one.rule, one.detail, one.raw, len(one.raw), one.source_row) for one in page.rejected]
    return replace(read(content, told), records=page.records, messages=page.messages, rejected=rejected, size=page.size)


def read(content: bytes, told: Told) -> Outcome:
    """The object could be read; nothing is said of its records."""
    return Outcome("loaded", content_sha256=sha256(content).hexdigest(), told=told)


def refused(content: bytes, rule: str, detail: str, told: Told) -> Outcome:
    """The object as a whole is no page."""
    rejected = Rejected("object", rule, detail, content, len(content))
    return Outcome("quarantined", rejected=[rejected], content_sha256=sha256(content).hexdigest(), told=told)


def unread(size: int, rule: str, detail: str) -> Outcome:
    """The object's bytes were not kept in memory: they lie in landing."""
    return Outcome("quarantined", rejected=[Rejected("object", rule, detail, b"", size)])


class Outcomes:
    """The rows that the decisions about one slice add to the three tables."""

    def __init__(self, stamp: Stamp, feed: Feed) -> None:
        self._stamp, self._feed = stamp, feed
        self._tables = {table.name: Columns(table) for table in (LEDGER, messages_of(feed), QUARANTINE)}
        self.hash_sum = 0

    def add(self, version: Announced, outcome: Outcome, attempts: int, replaces: int | None = None) -> None:
        """Add one object version with its outcome, decided at this attempt. `replaces` is the earlier decision about it, if any."""
        source = _object(version) | {"content_sha256": outcome.content_sha256} | self._stamp.on_rows()
        hash_sum = self._add_messages(version, outcome, source)
        quarantine_hash_sum = self._add_rejected(outcome.rejected, source)
        entry = {
            "revision": version.revision,
            "replaces": replaces,
            "kind": "object",
            "size": version.size,
            "landed_at": version.landed_at,
            "found_by": version.found_by,
            "state": outcome.state,
            "records": outcome.records,
            "rows_loaded": len(outcome.messages),
            "rows_recovered": sum(message.source_part > 0 for message in outcome.messages),
            "rows_quarantined": sum(one.kind == "row" for one in outcome.rejected),
            "hash_sum": hash_sum,
            "quarantine_hash_sum": quarantine_hash_sum,
        }
        self._add_entry(source | asdict(outcome.told) | entry, attempts)

    def add_letter(self, letter: DeadLetter, attempts: int) -> None:
        """Add a record that cannot be read."""
        record = letter.record
        source = {
            "source_identity": letter.identity,
            "content_sha256": record.digest,
            "kafka_topic": record.topic,
            "kafka_partition": record.partition,
            "kafka_offset": record.offset,
        } | self._stamp.on_rows()
        rejected = Rejected("record", letter.rule, letter.detail, letter.kept, record.size)
        hash_sum = self._add_rejected([rejected], source)
        entry = {
            "revision": 1,
            "kind": "record",
            "size": record.size,
            "state": "quarantined",
            "found_by": "notification",
        }
        counts = {"records": 0, "rows_loaded": 0, "rows_recovered": 0, "rows_quarantined": 0, "hash_sum": 0}
        self._add_entry(source | entry | counts | {"quarantine_hash_sum": hash_sum}, attempts)

    def parts(self, table: str) -> Iterator[pa.Table]:
        """The rows that this table gets, as many at a time as one data file is to have."""
        parts = self._tables[table].parts()
        return map(with_features, parts) if table == MESSAGES.name else parts

    def _add_entry(self, columns: dict[str, Any], attempts: int) -> None:
        stamp = {"decision_id": self._stamp.decision_id, "decided_at": self._stamp.decided_at}
        entry = columns | stamp | {"feed": self._feed.name, "attempts": attempts}
        self._tables[LEDGER.name].add(Run(1, {}, entry, 0))

    def _add_messages(self, version: Announced, outcome: Outcome, source: dict[str, Any]) -> int:
        alike = source | {"landed_at": version.landed_at}
        beside = _size(alike)
        whole = TEXTS * outcome.size + (beside - TEXTS * STRING) * len(outcome.messages)
        hash_sum = 0
        for messages, size in portions(outcome.messages, lambda one: TEXTS * (one.size() - STRING) + beside, whole):
            hashes = message_hashes(messages, version.key, outcome.content_sha256)
            hash_sum += sum(hashes)
            self._tables[MESSAGES.name].add(Run(len(messages), self._each(messages, hashes), alike, size))
        self.hash_sum += hash_sum
        return hash_sum

    def _each(self, messages: Sequence[Message], hashes: list[int]) -> dict[str, Sequence[Any]]:
        """The columns in which the messages differ."""
        each: dict[str, Sequence[Any]] = dict(zip(Message._fields, zip(*messages, strict=True), strict=True))
        own = each.pop("columns")
        each |= {column.name: [(one or {}).get(column.name) for one in own] for column in self._feed.added}
        return each | {"row_hash": hashes}

    def _add_rejected(self, rejected: Sequence[Rejected], source: dict[str, Any]) -> int:
        alike = source | {"seen_at": self._stamp.decided_at}
        place = (source.get("source_key"), source["content_sha256"] or source.get("source_version"))
        beside, hash_sum = _size(alike), 0
        for some, size in portions(rejected, lambda one: min(len(one.raw), RAW_BYTES_KEPT) + beside):
            kept = [one.raw[:RAW_BYTES_KEPT] for one in some]
            hashes = [
                row_hash(one.kind, one.rule, one.detail, raw.hex(), *place, one.source_row)
                for one, raw in zip(some, kept, strict=True)
            ]
            hash_sum += sum(hashes)
            each: dict[str, Sequence[Any]] = {
                name: [getattr(one, name) for one in some]
                for name in ("kind", "rule", "detail", "raw_size", "source_row")
            }
            self._tables[QUARANTINE.name].add(Run(len(some), each | {"raw": kept, "row_hash": hashes}, alike, size))
        return hash_sum


def _size(alike: Mapping[str, Any]) -> int:
    """What a row takes in memory beside its texts: the columns that it shares with others, and its numbers."""
    return NUMBERS + sum(len(value) for value in alike.values() if isinstance(value, str))


def _object(version: Announced) -> dict[str, Any]:
    return {
        "source_identity": version.identity,
        "source_bucket": version.bucket,
        "source_key": version.key,
        "source_version": version.version,
        "source_etag": version.etag,
        "kafka_topic": version.kafka_topic,
        "kafka_partition": version.kafka_partition,
        "kafka_offset": version.kafka_offset,
    }


def told_by(headers: Mapping[str, str]) -> Told:
    """What the metadata of an object says of it; a number that is not valid counts as not said."""
    said = {name.lower().removeprefix("x-amz-meta-"): value for name, value in headers.items()}
    return Told(
        source_page=_number(said.get("page")),
        source_records=_number(said.get("records")),
        source_sha256=said.get("sha256"),
        source_dataset=said.get("dataset"),
        source_origin=said.get("origin"),
    )


def _number(text: str | None) -> int | None:
    return (
        int(text) if text and text.isascii() and text.isdecimal() and len(text) < len("1000000000000000000") else None
    )

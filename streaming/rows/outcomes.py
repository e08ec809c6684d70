"""What becomes of an object version or a record: its entry in the ledger, its messages, and what quarantine keeps of it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import Any, Literal

import pyarrow as pa

from conf.feeds.feed import Feed
from conf.tables import LEDGER, MESSAGES, QUARANTINE, RAW_BYTES_KEPT, messages_of
from streaming.events.intake import Announced, DeadLetter
from streaming.page.parser import Message, Page
from streaming.rows.columns import Columns
from streaming.rows.digest import message_hashes, row_hash
from streaming.rows.features import with_features
from streaming.rows.stamp import Stamp

State = Literal["loaded", "quarantined", "vanished", "superseded"]
Kind = Literal["object", "row", "record", "resolution"]


@dataclass(frozen=True)
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


def loaded(content: bytes, page: Page, told: Told) -> Outcome:
    """The page could be parsed: its messages, and the records that are none."""
    rejected = [Rejected("row", one.rule, one.detail, one.raw, len(one.raw), one.source_row) for one in page.rejected]
    return replace(read(content, told), records=page.records, messages=page.messages, rejected=rejected)


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
        """One object version with its outcome, decided at this attempt, in the place of an earlier decision about it or of none."""
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
        """A record that cannot be read."""
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

    def tables(self) -> dict[str, pa.Table]:
        """The rows by table, those without any left out."""
        arrow = {name: columns.arrow() for name, columns in self._tables.items()}
        arrow[MESSAGES.name] = with_features(arrow[MESSAGES.name])
        return {name: rows for name, rows in arrow.items() if rows.num_rows}

    def _add_entry(self, columns: dict[str, Any], attempts: int) -> None:
        stamp = {"decision_id": self._stamp.decision_id, "decided_at": self._stamp.decided_at}
        entry = columns | stamp | {"feed": self._feed.name, "attempts": attempts}
        self._tables[LEDGER.name].add(1, {}, entry)

    def _add_messages(self, version: Announced, outcome: Outcome, source: dict[str, Any]) -> int:
        found = outcome.messages
        hashes = message_hashes(found, version.key, outcome.content_sha256)
        # Without messages there are no columns either.
        each: dict[str, Sequence[Any]] = dict(zip(Message._fields, zip(*found, strict=True), strict=False))
        own = each.pop("columns", ())
        each |= {column.name: [(one or {}).get(column.name) for one in own] for column in self._feed.added}
        self._tables[MESSAGES.name].add(
            len(found), each | {"row_hash": hashes}, source | {"landed_at": version.landed_at}
        )
        self.hash_sum += sum(hashes)
        return sum(hashes)

    def _add_rejected(self, rejected: Sequence[Rejected], source: dict[str, Any]) -> int:
        kept = [one.raw[:RAW_BYTES_KEPT] for one in rejected]
        place = (source.get("source_key"), source["content_sha256"] or source.get("source_version"))
        hashes = [
            row_hash(one.kind, one.rule, one.detail, raw.hex(), *place, one.source_row)
            for one, raw in zip(rejected, kept, strict=True)
        ]
        each: dict[str, Sequence[Any]] = {
            name: [getattr(one, name) for one in rejected]
            for name in ("kind", "rule", "detail", "raw_size", "source_row")
        }
        each |= {"raw": kept, "row_hash": hashes}
        self._tables[QUARANTINE.name].add(len(rejected), each, source | {"seen_at": self._stamp.decided_at})
        return sum(hashes)


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
    """What the metadata of an object says of it; a number that is none counts as not said."""
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

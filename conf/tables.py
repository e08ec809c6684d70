"""The three Delta tables: where they lie, what a row is, how objects are identified, and their properties."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

import pyarrow as pa

from conf import meanings

# What quarantine keeps of an object, a row or a record; an object's own bytes stay in landing.
RAW_BYTES_KEPT = 65_536

APPEND_ONLY = {
    # Rows are only ever added: a resolved quarantine entry gets a row of its own.
    "delta.appendOnly": "true",
    # Housekeeping cleans the ledger's log. Otherwise each compaction of delta-rs lists a whole log, whatever its hooks are told
    # (1.6.6, `optimize.rs`): one LIST more for each 1,000 versions.
    "delta.enableExpiredLogCleanup": "false",
}
TIME_TRAVEL = APPEND_ONLY | {
    # Time travel past the default week: since Delta 4.1 it is refused, VACUUM or not, and one property needs the other.
    "delta.logRetentionDuration": "interval 3650 days",
    "delta.deletedFileRetentionDuration": "interval 3650 days",
}
# Nobody needs time travel in the ledger. Its log reaches back as far as a backup of another table may be rolled forward from it.
# Checkpoints name replaced files for a day; housekeeping keeps the files themselves for longer.
DECISIONS = APPEND_ONLY | {
    "delta.logRetentionDuration": "interval 7 days",
    "delta.deletedFileRetentionDuration": "interval 1 days",
}

UTC_TIME = pa.timestamp("us", tz="UTC")
# The sum of many 64-bit hashes.
HASH_SUM = pa.decimal128(38, 0)


@dataclass(frozen=True)
class Table:
    """One Delta table in the bucket `delta`."""

    name: str
    schema: pa.Schema
    properties: dict[str, str]
    meanings: Mapping[str, str]
    """What each column holds."""
    description: str = ""

    def location(self, bucket: str) -> str:
        """Its address for Spark."""
        return f"s3a://{bucket}/{self.name}"


def identity(*parts: str) -> str:
    """A 128-bit name for these parts together, in hex: BLAKE2b (RFC 7693) over length-prefixed UTF-8.

    Raises `UnicodeEncodeError` for a part that is no text (a lone surrogate).
    """
    encoded = [part.encode() for part in parts]
    prefixed = b"".join(len(part).to_bytes(8) + part for part in encoded)
    return blake2b(prefixed, digest_size=16).hexdigest()


def object_identity(bucket: str, key: str, version_or_etag: str) -> str:
    """The identity of an object version: by its version id, or its ETag where the bucket keeps no versions."""
    return identity("object", bucket, key, version_or_etag)


def record_identity(topic: str, partition: int, offset: int, digest: str) -> str:
    """The identity of a Kafka record. Offsets restart when a topic is made again; the hash of the bytes tells records apart."""
    return identity("record", topic, str(partition), str(offset), digest)


def decision_identity(about: str, revision: int) -> str:
    """The identity of a decision: the first about something has the identity of that thing."""
    return about if revision == 1 else identity("revision", about, str(revision))


def _columns(**types: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name, kind) for name, kind in types.items()])


_OBJECT = {
    "source_identity": pa.string(),
    "source_bucket": pa.string(),
    "source_key": pa.string(),
    "source_version": pa.string(),
    "source_etag": pa.string(),
    # Of the bytes that were read; null when none were.
    "content_sha256": pa.string(),
}
_RECORD = {"kafka_topic": pa.string(), "kafka_partition": pa.int32(), "kafka_offset": pa.int64()}
_DECIDED = {"batch_id": pa.int64(), "cleaner_version": pa.string()}

MESSAGES = Table(
    "messages",
    _columns(
        label=pa.string(),
        text=pa.string(),
        text_unescaped=pa.string(),
        text_normal=pa.string(),
        text_raw=pa.string(),
        repair=pa.string(),
        rescued=pa.string(),
        length=pa.int32(),
        digits=pa.int32(),
        upper_share=pa.float64(),
        has_url=pa.bool_(),
        has_email=pa.bool_(),
        has_phone=pa.bool_(),
        has_short_code=pa.bool_(),
        has_currency=pa.bool_(),
        decision=pa.int64(),
        **_OBJECT,
        source_row=pa.int32(),
        source_part=pa.int32(),
        **_RECORD,
        landed_at=UTC_TIME,
        **_DECIDED,
        row_hash=pa.int64(),
    ),
    TIME_TRAVEL,
    meanings.MESSAGES,
    "A row is one message of one landed object.",
)

QUARANTINE = Table(
    "quarantine",
    _columns(
        # object, row, record; resolution: what an earlier entry of the same object and row was replayed to
        kind=pa.string(),
        rule=pa.string(),
        detail=pa.string(),
        raw=pa.binary(),
        raw_size=pa.int64(),
        decision=pa.int64(),
        **_OBJECT,
        source_row=pa.int32(),
        **_RECORD,
        seen_at=UTC_TIME,
        **_DECIDED,
        row_hash=pa.int64(),
    ),
    TIME_TRAVEL,
    meanings.QUARANTINE,
    "A row is one object, record of an object, or Kafka record that could not be loaded, or the resolution of such an entry.",
)

LEDGER = Table(
    "ledger",
    _columns(
        decision=pa.int64(),
        decision_id=pa.string(),
        revision=pa.int32(),
        # The decision about the same object before this one; null for the first.
        replaces=pa.int64(),
        # object, record
        kind=pa.string(),
        **_OBJECT,
        size=pa.int64(),
        landed_at=UTC_TIME,
        # What the object's metadata says of it.
        source_page=pa.int64(),
        source_records=pa.int64(),
        source_sha256=pa.string(),
        source_dataset=pa.string(),
        source_origin=pa.string(),
        **_RECORD,
        # notification, reconcile, replay
        found_by=pa.string(),
        feed=pa.string(),
        # loaded, quarantined, vanished, superseded
        state=pa.string(),
        records=pa.int32(),
        rows_loaded=pa.int32(),
        rows_recovered=pa.int32(),
        rows_quarantined=pa.int32(),
        # Sums of `row_hash` over the rows of this entry in messages and in quarantine.
        hash_sum=HASH_SUM,
        quarantine_hash_sum=HASH_SUM,
        attempts=pa.int32(),
        decided_at=UTC_TIME,
        **_DECIDED,
    ),
    DECISIONS,
    meanings.LEDGER,
    "A row is one decision about one object version, or about one Kafka record that cannot be read.",
)

TABLES = (MESSAGES, QUARANTINE, LEDGER)

"""A Kafka record as it came, and what a record can tell."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from conf.tables import record_identity
from streaming.events.objects import ObjectVersion

# How much of one record is read. MinIO's events have 1 to 2 KB; with the longest and oddest key, 10. If a record is larger, reconciliation
# finds its object in the bucket. The driver gets all records of a micro-batch at once, and Java makes five copies of them on the way: 6,000
# of 32 KiB were more than 2 GB (tests/faults/test_large_records.py).
VALUE_BYTES = 16_384


class KafkaRecord(NamedTuple):
    """One record of a topic: the beginning of its value, and size and SHA-256 of the whole."""

    topic: str
    partition: int
    offset: int
    value: bytes | None
    size: int
    digest: str

    @property
    def identity(self) -> str:
        """Made from where it was read and what it held."""
        return record_identity(self.topic, self.partition, self.offset, self.digest)


class VacuumAsked(NamedTuple):
    """A request to vacuum what nobody has needed since `before`."""

    request: str
    before: datetime


class ReplayAsked(NamedTuple):
    """A request to decide again what quarantine holds of an object version, as its decision of this revision."""

    version: ObjectVersion
    revision: int


class Told(NamedTuple):
    """What one record says."""

    versions: Sequence[ObjectVersion] = ()
    ignored: int = 0
    """How many of its events are about something else."""
    fault: str | None = None
    """Why a part of it cannot be read."""
    asks_full_pass: bool = False
    asks_vacuum: VacuumAsked | None = None
    asks_replay: ReplayAsked | None = None


def kafka_record(topic: str, partition: int, offset: int, value: bytes | None) -> KafkaRecord:
    """The record with this whole value. A tombstone counts as empty."""
    whole = value or b""
    kept = None if value is None else value[:VALUE_BYTES]
    return KafkaRecord(topic, partition, offset, kept, len(whole), sha256(whole).hexdigest())

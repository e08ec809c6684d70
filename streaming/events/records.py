"""A Kafka record as it came, and what a record can tell."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from conf.tables import record_identity
from streaming.events.objects import ObjectVersion

# What is read of one record. MinIO's events have 1 to 2 KB, with the longest and oddest key 10. Of a larger one the object is found in the
# bucket by reconciliation. The driver gets all records of a micro-batch at once, and Java makes five copies of them on the way: 6,000
# of 32 KiB were more than its 2 GB (tests/faults/test_large_records.py).
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
        """Where it was read and what it held."""
        return record_identity(self.topic, self.partition, self.offset, self.digest)


class VacuumAsked(NamedTuple):
    """Somebody asks for a vacuum of what nobody has needed since that moment."""

    request: str
    before: datetime


class ReplayAsked(NamedTuple):
    """What quarantine holds of an object version is to be decided again: as the decision of this revision about it."""

    version: ObjectVersion
    revision: int


class Told(NamedTuple):
    """What one record says."""

    versions: Sequence[ObjectVersion] = ()
    ignored: int = 0
    """How many events of it speak of something else."""
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

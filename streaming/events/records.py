"""A Kafka record as it came, and what a record can tell."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from conf.tables import record_identity
from streaming.events.objects import ObjectVersion

# What is read of one record. MinIO's events are a few KB, and the driver holds all records of a micro-batch at once: of
# 6,000 that are larger, 400 MB. Spark refuses to collect more than 1 GB (spark.driver.maxResultSize), which would end the query.
VALUE_BYTES = 65_536


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


class Told(NamedTuple):
    """What one record says."""

    versions: Sequence[ObjectVersion] = ()
    ignored: int = 0
    """How many events of it speak of something else."""
    fault: str | None = None
    """Why a part of it cannot be read."""
    asks_full_pass: bool = False
    asks_vacuum: VacuumAsked | None = None


def kafka_record(topic: str, partition: int, offset: int, value: bytes | None) -> KafkaRecord:
    """The record with this whole value. A tombstone counts as empty."""
    whole = value or b""
    kept = None if value is None else value[:VALUE_BYTES]
    return KafkaRecord(topic, partition, offset, kept, len(whole), sha256(whole).hexdigest())

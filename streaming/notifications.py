"""What a Kafka record of the topic `landing-events` says: which object versions have landed.

MinIO writes S3 event records. The object key inside them is form-encoded (`a b` is `a+b`) and is decoded exactly once.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from streaming.objects import ObjectVersion, version_id

CREATED = "s3:ObjectCreated:"


class KafkaRecord(NamedTuple):
    """One record of a topic, as it came."""

    topic: str
    partition: int
    offset: int
    value: bytes | None


@dataclass(frozen=True)
class Announced(ObjectVersion):
    """An object version, and the record that told of it."""

    found_by: str
    """`notification` or `reconcile`."""
    kafka_partition: int
    kafka_offset: int


class Told(NamedTuple):
    """What one record says: object versions, and how many events of it speak of something else."""

    versions: list[Announced]
    ignored: int


def read(record: KafkaRecord, bucket: str) -> Told:
    """The object versions that landed in `bucket`. Raises a ValueError, KeyError or TypeError when it is no notification."""
    events = _events(record)
    versions = [_announced(event, record) for event in events if _is_landing(event, bucket)]
    return Told(versions, len(events) - len(versions))


def _events(record: KafkaRecord) -> list[dict[str, Any]]:
    if not record.value:
        raise ValueError("the record is empty")
    events = json.loads(record.value)["Records"]
    if not isinstance(events, list):
        raise TypeError("Records is not a list")
    return events


def _is_landing(event: dict[str, Any], bucket: str) -> bool:
    return str(event["eventName"]).startswith(CREATED) and event["s3"]["bucket"]["name"] == bucket


def _announced(event: dict[str, Any], record: KafkaRecord) -> Announced:
    described = event["s3"]["object"]
    return Announced(
        key=unquote_plus(described["key"], errors="strict"),
        version=version_id(described.get("versionId")),
        etag=described["eTag"],
        # A zero-byte object has no size in its event.
        size=int(described.get("size", 0)),
        landed_at=datetime.fromisoformat(event["eventTime"]),
        found_by="notification",
        kafka_partition=record.partition,
        kafka_offset=record.offset,
    )

"""What a Kafka record of the topic `landing-events` says: which object versions have landed.

MinIO writes S3 event records. The object key inside them is form-encoded (`a b` is `a+b`) and is decoded exactly once.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from conf.tables import RAW_BYTES_KEPT

CREATED = "s3:ObjectCreated:"


class KafkaRecord(NamedTuple):
    """One record of the topic, as it came."""

    partition: int
    offset: int
    value: bytes | None


class ObjectVersion(NamedTuple):
    """One version of one object in the landing bucket, and the notification that told of it."""

    key: str
    version: str | None
    etag: str
    size: int
    landed_at: datetime
    kafka_partition: int
    kafka_offset: int

    @property
    def identity(self) -> tuple[str, str]:
        """What makes it this object version and no other: its key and its version id, or its ETag without versioning."""
        return self.key, self.version or self.etag


class DeadLetter(NamedTuple):
    """A record that is no notification. It is kept, with the reason."""

    record: KafkaRecord
    detail: str

    @property
    def identity(self) -> tuple[int, int, bytes]:
        """Where it was read and what it held: offsets begin anew when a topic is made anew."""
        return self.record.partition, self.record.offset, self.kept

    @property
    def kept(self) -> bytes:
        """The bytes that quarantine keeps of it."""
        return (self.record.value or b"")[:RAW_BYTES_KEPT]


@dataclass
class Intake:
    """What the records of one micro-batch say: object versions without repeats, dead letters, and how many were left."""

    objects: list[ObjectVersion] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    ignored: int = 0
    repeated: int = 0


def take_in(records: Iterable[KafkaRecord], bucket: str) -> Intake:
    """Sort the records of a micro-batch. Each object version appears once, with its earliest notification."""
    intake = Intake()
    seen: set[tuple[str, str]] = set()
    for record in sorted(records, key=lambda r: (r.partition, r.offset)):
        try:
            events = _events(record)
            found = [_object_version(event, record) for event in events if _is_landing(event, bucket)]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            intake.dead_letters.append(DeadLetter(record, f"{type(error).__name__}: {error}"))
            continue
        intake.ignored += len(events) - len(found)
        for version in found:
            if version.identity in seen:
                intake.repeated += 1
            else:
                seen.add(version.identity)
                intake.objects.append(version)
    return intake


def _events(record: KafkaRecord) -> list[dict[str, Any]]:
    if not record.value:
        raise ValueError("the record is empty")
    events = json.loads(record.value)["Records"]
    if not isinstance(events, list):
        raise TypeError("Records is not a list")
    return events


def _is_landing(event: dict[str, Any], bucket: str) -> bool:
    return str(event["eventName"]).startswith(CREATED) and event["s3"]["bucket"]["name"] == bucket


def _object_version(event: dict[str, Any], record: KafkaRecord) -> ObjectVersion:
    described = event["s3"]["object"]
    return ObjectVersion(
        key=unquote_plus(described["key"], errors="strict"),
        version=described.get("versionId") or None,
        etag=described["eTag"],
        # A zero-byte object has no size in its event.
        size=int(described.get("size", 0)),
        landed_at=datetime.fromisoformat(event["eventTime"]),
        kafka_partition=record.partition,
        kafka_offset=record.offset,
    )

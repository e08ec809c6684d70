"""The topic `landing-control`: what the lakehouse itself asks of the query, which is the only writer of the tables.

Each record is JSON of a type that is written down here. There is one so far: an object version that has landed, though
no notification told of it.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Literal

from confluent_kafka import KafkaException, Producer
from pydantic import BaseModel

from conf.settings import Settings
from streaming.notifications import Announced, KafkaRecord, Told
from streaming.objects import ObjectVersion
from streaming.services import ServiceError

PATIENCE_SECONDS = 30


class Landed(BaseModel, frozen=True, extra="forbid"):
    """An object version that the listing of the landing bucket shows."""

    type: Literal["landed"] = "landed"
    bucket: str
    key: str
    version: str | None
    etag: str
    size: int
    landed_at: datetime


def landed(version: ObjectVersion, bucket: str) -> Landed:
    """What is to be said of this object version."""
    return Landed(bucket=bucket, **asdict(version))


def read(record: KafkaRecord, bucket: str) -> Told:
    """The object version it announces in `bucket`. Raises a ValueError when it is no control record."""
    said = Landed.model_validate_json(record.value or b"")
    if said.bucket != bucket:
        return Told([], ignored=1)
    version = Announced(
        **said.model_dump(exclude={"type", "bucket"}),
        found_by="reconcile",
        kafka_partition=record.partition,
        kafka_offset=record.offset,
    )
    return Told([version], ignored=0)


def send(settings: Settings, records: list[Landed]) -> None:
    """The topic has these records, acknowledged. Raises `ServiceError` when Kafka does not take them all."""
    refused: list[object] = []
    producer = Producer(
        {
            "bootstrap.servers": settings.kafka_servers,
            "enable.idempotence": True,
            "message.timeout.ms": PATIENCE_SECONDS * 1000,
            "log_level": 0,
        }
    )
    try:
        for record in records:
            producer.produce(
                settings.control_topic,
                record.model_dump_json().encode(),
                on_delivery=lambda error, _message: refused.append(error) if error else None,
            )
        unsent = producer.flush(PATIENCE_SECONDS)
    except (KafkaException, BufferError) as error:
        raise ServiceError(f"Kafka at {settings.kafka_servers} takes no record: {error}") from error
    if unsent or refused:
        why = f"{len(refused) + unsent} of {len(records)} records: {refused[:1] or 'no answer'}"
        raise ServiceError(f"Kafka at {settings.kafka_servers} did not take {why}. Start it with `lake up`.")

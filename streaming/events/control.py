"""The topic `landing-control`: what the lakehouse itself asks of the query, which is the only writer of the tables.

Each record is JSON of one of the types defined here.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from confluent_kafka import KafkaException, Producer
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from conf.settings import Settings
from streaming.errors import ServiceError
from streaming.events.fields import ETag, Key, Size, Time, Version
from streaming.events.objects import ObjectVersion
from streaming.events.records import KafkaRecord, ReplayAsked, Told, VacuumAsked

PATIENCE_SECONDS = 30


class _Record(BaseModel):
    """Values are not converted, and other fields are not allowed."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Landed(_Record):
    """An object version that the listing of the landing bucket shows, though no notification announced it."""

    type: Literal["landed"] = "landed"
    bucket: str
    key: Key
    version: Version
    etag: ETag
    size: Size
    landed_at: Time


class Reconcile(_Record):
    """A request to compare the whole landing bucket with the object versions that have an outcome."""

    type: Literal["reconcile"] = "reconcile"
    requested_at: Time


class Vacuum(_Record):
    """A request to delete files that neither a pinned version needs nor one that was the newest at or after `before`.

    `before` is a moment, not an age: read a second time, a year later, the record asks for no younger files.
    """

    type: Literal["vacuum"] = "vacuum"
    request: Annotated[str, Field(pattern=r"^[\w.-]{1,100}$")]
    """The id by which the requester finds out what was done."""
    before: Time


class Replay(_Record):
    """A request to decide again, by the present cleaner, what quarantine holds of this object version.

    `revision` is that of the decision to be made: read a second time, the record asks for nothing more.
    """

    type: Literal["replay"] = "replay"
    revision: Annotated[int, Field(ge=2, lt=2**31)]
    object: Landed


Record = Landed | Reconcile | Vacuum | Replay

_RECORD: TypeAdapter[Record] = TypeAdapter(Annotated[Record, Field(discriminator="type")])


def landed(version: ObjectVersion) -> Landed:
    """The record that announces this object version. Raises a ValueError when no record can."""
    return Landed(**version.told())


def read(record: KafkaRecord, bucket: str) -> Told:
    """Return what the record says of `bucket`. Raises a ValueError when it is no control record."""
    if not record.value:
        raise ValueError("the record is empty")
    said = _RECORD.validate_json(record.value)
    if isinstance(said, Reconcile):
        return Told(asks_full_pass=True)
    if isinstance(said, Vacuum):
        return Told(asks_vacuum=VacuumAsked(said.request, said.before))
    landed = said.object if isinstance(said, Replay) else said
    if landed.bucket != bucket:
        return Told(ignored=1)
    version = ObjectVersion(**landed.model_dump(exclude={"type"}))
    return Told(asks_replay=ReplayAsked(version, said.revision)) if isinstance(said, Replay) else Told([version])


def send(settings: Settings, records: Sequence[Record]) -> None:
    """These records are in the topic, acknowledged. Raises `ServiceError` when Kafka does not take them all."""
    refused: list[object] = []
    producer = Producer(
        {
            "bootstrap.servers": settings.kafka.servers,
            "enable.idempotence": True,
            "message.timeout.ms": PATIENCE_SECONDS * 1000,
            "log_level": 0,
        }
    )
    try:
        for record in records:
            _produce(producer, settings.kafka.control_topic, record, refused)
            if refused:
                break
        unsent = producer.flush(PATIENCE_SECONDS)
    except KafkaException as error:
        raise ServiceError(f"Kafka at {settings.kafka.servers} takes no record: {error}") from error
    if unsent or refused:
        why = f"{len(refused) + unsent} of {len(records)} records: {refused[:1] or 'no answer'}"
        raise ServiceError(f"Kafka at {settings.kafka.servers} did not take {why}. Start it with `lake up`.")


def _produce(producer: Producer, topic: str, record: Record, refused: list[object]) -> None:
    value = record.model_dump_json().encode()
    while True:
        try:
            producer.produce(topic, value, on_delivery=lambda error, _message: refused.append(error) if error else None)
        except BufferError:
            # 100,000 records wait in the client; each is acknowledged or given up.
            producer.poll(1)
        else:
            producer.poll(0)
            return

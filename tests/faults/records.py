"""Records for the topics that are no notification, or one of something else, or one that was there before."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from typing import Any

from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition

from conf.settings import Settings

# Those made here have a blank behind the colon.
_OF_MINIO = b'{"EventName":"s3:ObjectCreated:'
_EOF = KafkaError._PARTITION_EOF  # noqa: SLF001  # the client documents it under this name


def event(key: Any = "made-up.csv", bucket: str = "landing", name: str = "s3:ObjectCreated:Put", **more: Any) -> bytes:
    """A notification as MinIO writes it, with these fields of the object put in place of sensible ones."""
    described = {"key": key, "size": 3, "eTag": "0" * 32, "versionId": "0" * 8, "sequencer": "17"} | more
    record = {
        "eventName": name,
        "eventTime": "2026-01-01T00:00:00.000Z",
        "s3": {"bucket": {"name": bucket}, "object": described},
    }
    return json.dumps({"EventName": name, "Key": f"{bucket}/{key}", "Records": [record]}).encode()


def asked(**more: Any) -> bytes:
    """A record of the control topic that announces an object, with these fields in place of sensible ones."""
    told = {"type": "landed", "bucket": "landing", "key": "made-up.csv", "version": "0" * 8, "etag": "0" * 32}
    return json.dumps(told | {"size": 3, "landed_at": "2026-01-01T00:00:00Z"} | more).encode()


IGNORED: Mapping[str, bytes] = {
    "F16 no event": b'{"Records": []}',
    "F17 another bucket": event(bucket="elsewhere"),
    "F17 removed": event(name="s3:ObjectRemoved:Delete"),
    "F17 accessed": event(name="s3:ObjectAccessed:Get"),
    "F17 test event": b'{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "landing"}',
}

GARBAGE: Mapping[str, bytes | None] = {
    "F16 no JSON": b"this is no notification",
    "F16 empty": b"",
    "F16 a tombstone": None,
    "F16 as large as Kafka takes it": b"x" * 900_000,
    "F16 JSON of something else": b"[1, 2, 3]",
    "F16 no UTF-8": b'{"Records": "\xff"}',
}

_FIELDS: Mapping[str, dict[str, Any]] = {
    "size Infinity": {"size": float("inf")},
    "size 10^30": {"size": 10**30},
    "empty key": {"key": ""},
    "key of a blank": {"key": " "},
    "key ..": {"key": ".."},
    "key a/./b": {"key": "a/./b"},
    "key with a lone surrogate": {"key": "a\udc80"},
    "key that is no text": {"key": 7},
}
ABSURD: Mapping[str, bytes] = {
    **{f"F45 {name}": event(**more) for name, more in _FIELDS.items()},
    "F45 eTag a number": event(eTag=7),
    "F45 versionId a number": event(versionId=7),
    "F45 eTag with a line end": event(eTag="a\r\nb"),
    "F45 deep": b"[" * 200_000,
    "F45 deep, and read whole": b"[" * 15_000,
}
ABSURD_CONTROL: Mapping[str, bytes] = {
    **{f"F45 {name}": asked(**more) for name, more in _FIELDS.items()},
    "F45 etag a number": asked(etag=7),
    "F45 version a number": asked(version=7),
    "F45 etag with a line end": asked(etag="a\r\nb"),
    "F45 deep": b"[" * 200_000,
    "F45 deep, and read whole": b"[" * 15_000,
}


@dataclass(frozen=True)
class Letter:
    """Where a record lies that must become a dead letter."""

    topic: str
    partition: int
    offset: int
    name: str = field(compare=False)


class Sender:
    """Produces records, and knows where each came to lie."""

    def __init__(self, settings: Settings) -> None:
        self.letters: list[Letter] = []
        self._producer = Producer({"bootstrap.servers": settings.kafka.servers, "log_level": 0})

    def send(self, topic: str, value: bytes | None, letter: str = "") -> None:
        """The record lies in the topic; with a name it is one that must become a dead letter."""

        def told(error: KafkaError | None, message: Message) -> None:
            assert error is None, error
            if letter:
                self.letters.append(Letter(topic, message.partition() or 0, message.offset() or 0, letter))

        self._producer.produce(topic, value, on_delivery=told)
        assert self._producer.flush(30) == 0


def repeat(settings: Settings, sender: Sender, rng: Random, times: int = 1) -> None:
    """All that MinIO has announced so far, so many times more, in any order."""
    announced = [value for value in values(settings) if value.startswith(_OF_MINIO)]
    again = announced * times
    rng.shuffle(again)
    for value in again:
        sender.send(settings.kafka.landing_topic, value)


def repeat_some(settings: Settings, sender: Sender, rng: Random, most: int) -> None:
    """Some of what lies in the topic one after the other, once more, in any order."""
    some = [value for value in values(settings, rng.random(), most) if value.startswith(_OF_MINIO)]
    rng.shuffle(some)
    for value in some:
        sender.send(settings.kafka.landing_topic, value)


def values(settings: Settings, start: float = 0, most: int | None = None) -> list[bytes]:
    """What the landing topic holds behind this share of its records, up to its present end, or so many of them."""
    return [message.value() or b"" for message in islice(messages(settings, start), most)]


def messages(settings: Settings, start: float = 0) -> Iterator[Message]:
    """The landing topic's records behind this share of them, up to its present end."""
    topic = settings.kafka.landing_topic
    told = {"bootstrap.servers": settings.kafka.servers, "group.id": "faults", "enable.partition.eof": True}
    consumer = Consumer(told | {"enable.auto.commit": False, "log_level": 0})
    try:
        end: int = consumer.get_watermark_offsets(TopicPartition(topic, 0), 30)[1]
        consumer.assign([TopicPartition(topic, 0, int(start * end))])
        while (message := consumer.poll(30)) is not None:
            error = message.error()
            if error and error.code() == _EOF:
                return
            assert error is None, error
            yield message
        raise AssertionError(f"{topic} does not answer")
    finally:
        consumer.close()

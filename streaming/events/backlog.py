"""Reads the records that the query has yet to read, without taking them from it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from conf.settings import Settings
from streaming.errors import ServiceError
from streaming.events.intake import Sources, take_in
from streaming.events.progress import Position, position
from streaming.events.records import KafkaRecord, kafka_record

PATIENCE_SECONDS = 15
# librdkafka's codes; the client documents them as members with an underscore.
_TIMED_OUT = KafkaError._TIMED_OUT  # noqa: SLF001
_PARTITION_EOF = KafkaError._PARTITION_EOF  # noqa: SLF001


class Span(NamedTuple):
    """Records of one partition, from offset `first` up to, but not including, `end`."""

    topic: str
    partition: int
    first: int
    end: int


def waiting(settings: Settings, limit: int) -> set[str] | None:
    """Identities of the object versions that are named in records beyond the query's position.

    None when there are more than `limit` records or versions: the query is behind, and learns of them without us.
    Raises `ServiceError` when Kafka does not answer.
    """
    found: set[str] = set()
    with _consumer(settings) as consumer:
        spans = _spans(consumer, settings.kafka.topics, position(settings.checkpoint))
        if _length(spans) > limit:
            return None
        for record in _read(consumer, spans):
            told = take_in([record], Sources(settings.minio.landing_bucket, settings.kafka.control_topic))
            found.update(version.identity for version in told.objects)
            if len(found) > limit:
                return None
    return found


def count(settings: Settings) -> int:
    """Return how many records the query has yet to read. Raises `ServiceError` when Kafka does not answer."""
    with _consumer(settings) as consumer:
        return _length(_spans(consumer, settings.kafka.topics, position(settings.checkpoint)))


def requests(settings: Settings) -> Position:
    """Return the present end of the control topic: all that has been asked for by now lies before it. Raises `ServiceError`."""
    with _consumer(settings) as consumer:
        spans = _spans(consumer, [settings.kafka.control_topic], {})
    return {settings.kafka.control_topic: {span.partition: span.end for span in spans}}


def has_read(settings: Settings, end: Position) -> bool:
    """Whether the query has finished the micro-batches up to this position."""
    here = position(settings.checkpoint)
    return all(
        here.get(topic, {}).get(partition, 0) >= offset
        for topic, partitions in end.items()
        for partition, offset in partitions.items()
    )


def records(settings: Settings, start: Position) -> Iterator[KafkaRecord]:
    """Yield the records of the query's topics one by one, from `start`, or else from the beginning, to the present end.

    Raises `ServiceError` when Kafka does not answer.
    """
    with _consumer(settings) as consumer:
        yield from _read(consumer, _spans(consumer, settings.kafka.topics, start))


@contextmanager
def _consumer(settings: Settings) -> Iterator[Consumer]:
    consumer = Consumer(
        {
            "bootstrap.servers": settings.kafka.servers,
            # The client requires it; nothing is ever committed to it.
            "group.id": "lake-audit",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            # An offset that is gone is an error, not a reason to skip what is there.
            "auto.offset.reset": "error",
            # How much it reads ahead; the default is 64 MB.
            "queued.max.messages.kbytes": 8192,
            "log_level": 0,
        }
    )
    try:
        yield consumer
    except KafkaException as error:
        answered = f"Kafka at {settings.kafka.servers} cannot be read: {error}. Start it with `lake up`."
        raise ServiceError(answered) from error
    finally:
        consumer.close()


def _spans(consumer: Consumer, topics: Sequence[str], start: Position) -> list[Span]:
    known = consumer.list_topics(timeout=PATIENCE_SECONDS).topics
    if missing := [topic for topic in topics if topic not in known]:
        raise ServiceError(f"Kafka has no topic {' and '.join(missing)}; `lake up` makes it.")
    return [
        _span(consumer, topic, partition, start.get(topic, {}).get(partition, 0))
        for topic in topics
        for partition in known[topic].partitions
    ]


def _span(consumer: Consumer, topic: str, partition: int, start: int) -> Span:
    offsets = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=PATIENCE_SECONDS)
    if offsets is None:
        raise KafkaException(KafkaError(_TIMED_OUT))
    low, end = offsets
    # A position that the partition does not have is from another topic of this name: the whole partition waits.
    return Span(topic, partition, start if low <= start <= end else low, end)


def _length(spans: Sequence[Span]) -> int:
    return sum(span.end - span.first for span in spans)


def _read(consumer: Consumer, spans: Sequence[Span]) -> Iterator[KafkaRecord]:
    unfinished = {(span.topic, span.partition): span.end for span in spans if span.end > span.first}
    consumer.assign([TopicPartition(span.topic, span.partition, span.first) for span in spans if span.end > span.first])
    while unfinished:
        message = consumer.poll(PATIENCE_SECONDS)
        if message is None:
            raise KafkaException(KafkaError(_TIMED_OUT))
        error = message.error()
        if error is not None and error.code() != _PARTITION_EOF:
            raise KafkaException(error)
        topic, partition, offset = _place(message)
        end = unfinished.get((topic, partition), 0)
        if error is None and offset < end:
            yield kafka_record(topic, partition, offset, message.value())
        if error is not None or offset + 1 >= end:
            unfinished.pop((topic, partition), None)


def _place(message: Message) -> tuple[str, int, int]:
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    if topic is None or partition is None or offset is None:
        raise TypeError("a message that was read has a topic, a partition and an offset")
    return topic, partition, offset

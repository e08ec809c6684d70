"""The records that the query has still to read, looked at without taking them from it."""

from collections.abc import Sequence

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from conf.settings import Settings
from streaming.intake import take_in
from streaming.notifications import KafkaRecord
from streaming.objects import Identity
from streaming.progress import Position, position
from streaming.services import ServiceError

PATIENCE_SECONDS = 15
# librdkafka's codes; the client documents them as members with an underscore.
_TIMED_OUT = KafkaError._TIMED_OUT  # noqa: SLF001
_PARTITION_EOF = KafkaError._PARTITION_EOF  # noqa: SLF001


def waiting(settings: Settings) -> set[Identity]:
    """Identities of the object versions that a record beyond the query's position tells of.

    Raises `ServiceError` when Kafka does not answer.
    """
    rest = records(settings, position(settings.checkpoint))
    return {version.identity for version in take_in(rest, settings.landing_bucket, settings.control_topic).objects}


def records(settings: Settings, start: Position) -> list[KafkaRecord]:
    """All records of the query's topics from `start`, or else from the beginning, to their present end.

    Raises `ServiceError` when Kafka does not answer.
    """
    consumer = Consumer(
        {
            "bootstrap.servers": settings.kafka_servers,
            # Demanded by the client, never committed to.
            "group.id": "lake-audit",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "log_level": 0,
        }
    )
    try:
        return _read_to_end(consumer, settings.topics, start)
    except KafkaException as error:
        raise ServiceError(f"Kafka does not answer at {settings.kafka_servers}. Start it with `lake up`.") from error
    finally:
        consumer.close()


def _read_to_end(consumer: Consumer, topics: Sequence[str], start: Position) -> list[KafkaRecord]:
    known = consumer.list_topics(timeout=PATIENCE_SECONDS).topics
    places = [
        TopicPartition(topic, partition, start.get(topic, {}).get(partition, OFFSET_BEGINNING))
        for topic in topics
        for partition in known[topic].partitions
    ]
    consumer.assign(places)
    found, unfinished = [], {(place.topic, place.partition) for place in places}
    while unfinished:
        message = consumer.poll(PATIENCE_SECONDS)
        if message is None:
            raise KafkaException(KafkaError(_TIMED_OUT))
        error = message.error()
        if error is None:
            found.append(_record(message))
        elif error.code() == _PARTITION_EOF:
            unfinished.discard((message.topic(), message.partition()))
        else:
            raise KafkaException(error)
    return found


def _record(message: Message) -> KafkaRecord:
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    if topic is None or partition is None or offset is None:
        raise TypeError("a message that was read has a topic, a partition and an offset")
    return KafkaRecord(topic, partition, offset, message.value())

"""The notifications that the query has still to read, looked at without taking them from it."""

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from conf.settings import Settings
from streaming.notifications import KafkaRecord, take_in
from streaming.progress import position
from streaming.services import ServiceError

PATIENCE_SECONDS = 15
# librdkafka's codes; the client documents them as members with an underscore.
_TIMED_OUT = KafkaError._TIMED_OUT  # noqa: SLF001
_PARTITION_EOF = KafkaError._PARTITION_EOF  # noqa: SLF001


def waiting(settings: Settings) -> set[tuple[str, str]]:
    """Identities of the object versions whose notification lies beyond the query's position.

    Raises `ServiceError` when Kafka does not answer.
    """
    rest = records(settings, position(settings.checkpoint, settings.landing_topic))
    return {version.identity for version in take_in(rest, settings.landing_bucket).objects}


def records(settings: Settings, start: dict[int, int]) -> list[KafkaRecord]:
    """All records of the landing topic from `start` (next offset by partition; else the beginning) to its present end.

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
        return _read_to_end(consumer, settings.landing_topic, start)
    except KafkaException as error:
        raise ServiceError(f"Kafka does not answer at {settings.kafka_servers}. Start it with `lake up`.") from error
    finally:
        consumer.close()


def _read_to_end(consumer: Consumer, topic: str, start: dict[int, int]) -> list[KafkaRecord]:
    partitions = consumer.list_topics(topic, timeout=PATIENCE_SECONDS).topics[topic].partitions
    consumer.assign([TopicPartition(topic, number, start.get(number, OFFSET_BEGINNING)) for number in partitions])
    found, unfinished = [], set(partitions)
    while unfinished:
        message = consumer.poll(PATIENCE_SECONDS)
        if message is None:
            raise KafkaException(KafkaError(_TIMED_OUT))
        error = message.error()
        if error is None:
            found.append(_record(message))
        elif error.code() == _PARTITION_EOF:
            unfinished.discard(message.partition())
        else:
            raise KafkaException(error)
    return found


def _record(message: Message) -> KafkaRecord:
    partition, offset = message.partition(), message.offset()
    if partition is None or offset is None:
        raise TypeError("a message that was read has a partition and an offset")
    return KafkaRecord(partition, offset, message.value())

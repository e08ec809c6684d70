"""The Kafka topic that tells of landed objects."""

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from conf.settings import Settings


def create(settings: Settings) -> None:
    """The landing topic exists and keeps every event: one whose time has passed would be an object never loaded."""
    admin = AdminClient({"bootstrap.servers": settings.kafka_servers, "log_level": 0})
    keep = {"retention.ms": "-1", "retention.bytes": "-1"}
    topic = NewTopic(settings.landing_topic, num_partitions=1, replication_factor=1, config=keep)
    try:
        admin.create_topics([topic], operation_timeout=30)[settings.landing_topic].result(timeout=40)
    except KafkaException as error:
        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise

"""The Kafka topics that the query reads."""

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from conf.settings import Settings


def create(settings: Settings) -> None:
    """The topics exist and keep every record: an expired one would be an object that is never loaded."""
    admin = AdminClient({"bootstrap.servers": settings.kafka.servers, "log_level": 0})
    keep = {"retention.ms": "-1", "retention.bytes": "-1"}
    topics = [NewTopic(name, num_partitions=1, replication_factor=1, config=keep) for name in settings.kafka.topics]
    for made in admin.create_topics(topics, operation_timeout=30).values():
        try:
            made.result(timeout=40)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise

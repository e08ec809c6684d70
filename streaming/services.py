"""Whether the services that the query needs answer, before Spark is started for nothing."""

import urllib3
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from minio.error import S3Error

from conf.errors import LakeError
from conf.settings import S3Access, Settings
from streaming import objects

PATIENCE_SECONDS = 15


class ServiceError(LakeError):
    """A service cannot be used; the message names it, its address and the remedy. No secret is in it."""


def check(settings: Settings, access: S3Access) -> None:
    """MinIO answers to these credentials and Kafka has the query's topics. Raises `ServiceError`."""
    _check_minio(settings, access)
    _check_kafka(settings)


def _check_minio(settings: Settings, access: S3Access) -> None:
    try:
        objects.client(access).bucket_exists(settings.delta_bucket)
    except S3Error as error:
        raise ServiceError(
            f"MinIO at {access.endpoint} refuses the access key {access.access_key}: {error.code}. "
            "STREAM_ACCESS_KEY and STREAM_SECRET_KEY must be those that MinIO knows; `lake up` sets them there."
        ) from error
    except urllib3.exceptions.HTTPError as error:
        raise ServiceError(f"MinIO does not answer at {access.endpoint}. Start it with `lake up`.") from error


def _check_kafka(settings: Settings) -> None:
    admin = AdminClient({"bootstrap.servers": settings.kafka_servers, "log_level": 0})
    try:
        topics = admin.list_topics(timeout=PATIENCE_SECONDS).topics
    except KafkaException as error:
        raise ServiceError(f"Kafka does not answer at {settings.kafka_servers}. Start it with `lake up`.") from error
    for topic in settings.topics:
        if topic not in topics:
            raise ServiceError(f"Kafka at {settings.kafka_servers} has no topic {topic}; `lake up` makes it.")

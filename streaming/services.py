"""Checks that the services that the query needs can be used, before Spark is started for nothing."""

import urllib3
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from minio.error import MinioException, S3Error

from conf import s3
from conf.settings import S3Access, Settings
from streaming.errors import ServiceError
from streaming.patience import Patience

PATIENCE_SECONDS = 15


class AwayError(ServiceError):
    """A service does not answer: it may come back."""


def wait(settings: Settings, access: S3Access, patience: Patience) -> None:
    """MinIO and Kafka can be used. Until they answer, it waits and says so.

    Raises `ServiceError` for what waiting cannot mend: a refused key, a missing topic.
    """
    for attempt in patience.attempts():
        try:
            check(settings, access)
        except AwayError as error:
            patience.wait(attempt, str(error))
        else:
            return


def check(settings: Settings, access: S3Access) -> None:
    """MinIO answers to these credentials and Kafka has the query's topics. Raises `ServiceError`."""
    _check_minio(settings, access)
    _check_kafka(settings)


def _check_minio(settings: Settings, access: S3Access) -> None:
    try:
        s3.has_bucket(s3.minio(access, retries=1, timeout=PATIENCE_SECONDS), settings.minio.delta_bucket)
    except S3Error as error:
        if (refusal := s3.refusal(access, "stream", error.code)) is None:
            raise AwayError(f"MinIO at {access.endpoint} answers {error.code}: {error.message}.") from error
        raise ServiceError(refusal) from error
    except (MinioException, urllib3.exceptions.HTTPError) as error:
        raise AwayError(f"MinIO does not answer at {access.endpoint}. Start it with `lake up`.") from error


def _check_kafka(settings: Settings) -> None:
    admin = AdminClient({"bootstrap.servers": settings.kafka.servers, "log_level": 0})
    try:
        topics = admin.list_topics(timeout=PATIENCE_SECONDS).topics
    except KafkaException as error:
        raise AwayError(f"Kafka does not answer at {settings.kafka.servers}. Start it with `lake up`.") from error
    for topic in settings.kafka.topics:
        if topic not in topics:
            raise ServiceError(f"Kafka at {settings.kafka.servers} has no topic {topic}; `lake up` makes it.")

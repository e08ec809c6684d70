"""Makes the landing bucket what the streaming query needs it to be."""

from collections.abc import Sequence

import urllib3
from minio import Minio, S3Error
from minio.commonconfig import ENABLED
from minio.notificationconfig import NotificationConfig, QueueConfig
from minio.versioningconfig import VersioningConfig

from conf import s3
from conf.settings import Settings
from lander.errors import ServiceError

# The Kafka targets that the MinIO server is configured with, by LANDING_ANNOUNCED.
QUEUE, DIRECT = "arn:minio:sqs::PRIMARY:kafka", "arn:minio:sqs::DIRECT:kafka"
TARGETS = {"queue": {QUEUE}, "both": {QUEUE, DIRECT}}
EVENTS = ["s3:ObjectCreated:*"]


def prepare(settings: Settings) -> None:
    """The bucket exists, keeps versions and notifies Kafka of each new object. Whatever is already so is left alone.

    Raises `ServiceError` that names MinIO, who asked, and the remedy.
    """
    access = settings.s3("lander")
    try:
        _prepare(s3.minio(access), settings.minio.landing_bucket, TARGETS[settings.landing.announced])
    except S3Error as error:
        refused = s3.refusal(access, "lander", error.code)
        raise ServiceError(
            refused or f"MinIO at {access.endpoint} answered {access.access_key} with {error.code}: {error.message}."
        ) from error
    except urllib3.exceptions.HTTPError as error:
        raise ServiceError(f"MinIO at {access.endpoint} does not answer: {error}") from error


def _prepare(minio: Minio, bucket: str, targets: set[str]) -> None:
    s3.make_bucket(minio, bucket)
    if minio.get_bucket_versioning(bucket).status != ENABLED:
        minio.set_bucket_versioning(bucket, VersioningConfig(ENABLED))
    told = minio.get_bucket_notification(bucket).queue_config_list or []
    if _announced_to(told) != targets:
        others = [queue for queue in told if queue.queue not in TARGETS["both"]]
        ours = [QueueConfig(queue=target, events=EVENTS) for target in sorted(targets)]
        minio.set_bucket_notification(bucket, NotificationConfig(queue_config_list=[*others, *ours]))


def _announced_to(told: Sequence[QueueConfig]) -> set[str]:
    """Our targets that are notified of each new object."""
    return {queue.queue for queue in told if queue.queue in TARGETS["both"] and set(EVENTS) <= set(queue.events)}

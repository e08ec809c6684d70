"""Makes the landing bucket what the streaming query needs it to be."""

from collections.abc import Sequence

import urllib3
from minio import Minio, S3Error
from minio.commonconfig import ENABLED
from minio.notificationconfig import NotificationConfig, QueueConfig
from minio.versioningconfig import VersioningConfig

from conf.settings import S3Access, Settings
from lander.errors import ServiceError

# The Kafka targets that the MinIO server is configured with, by LANDING_ANNOUNCED.
QUEUE, DIRECT = "arn:minio:sqs::PRIMARY:kafka", "arn:minio:sqs::DIRECT:kafka"
TARGETS = {"queue": {QUEUE}, "both": {QUEUE, DIRECT}}
EVENTS = ["s3:ObjectCreated:*"]

REMEDIES = {
    "InvalidAccessKeyId": "MinIO does not know LANDER_ACCESS_KEY: `lake up` (compose: init-stores) makes its user.",
    "SignatureDoesNotMatch": "LANDER_SECRET_KEY is not the one MinIO has: `lake up` (compose: init-stores) sets it there.",
    "RequestTimeTooSkewed": "The clocks of this machine and of MinIO's are too far apart: set them by NTP.",
    "AccessDenied": "The policy of this user lacks a right: `lake up` (compose: init-stores) sets it anew.",
}


def prepare(settings: Settings) -> None:
    """The bucket exists, keeps versions and notifies Kafka of each new object. What is so already is left alone.

    Raises `ServiceError` that names MinIO, who asked, and the remedy.
    """
    access = settings.s3("lander")
    try:
        _prepare(_client(access), settings.minio.landing_bucket, TARGETS[settings.landing.announced])
    except S3Error as error:
        code = error.code or "an error"
        remedy = REMEDIES.get(code, error.message or "")
        raise ServiceError(f"MinIO at {access.endpoint} answered {access.access_key} with {code}. {remedy}") from error
    except urllib3.exceptions.HTTPError as error:
        raise ServiceError(f"MinIO at {access.endpoint} does not answer: {error}") from error


def _client(access: S3Access) -> Minio:
    host = access.endpoint.removeprefix("http://")
    return Minio(host, access.access_key, access.secret_key.get_secret_value(), secure=False)


def _prepare(minio: Minio, bucket: str, targets: set[str]) -> None:
    if not minio.bucket_exists(bucket):
        minio.make_bucket(bucket)
    if minio.get_bucket_versioning(bucket).status != ENABLED:
        minio.set_bucket_versioning(bucket, VersioningConfig(ENABLED))
    told = minio.get_bucket_notification(bucket).queue_config_list or []
    if _announced_to(told) != targets:
        others = [queue for queue in told if queue.queue not in TARGETS["both"]]
        ours = [QueueConfig(queue=target, events=EVENTS) for target in sorted(targets)]
        minio.set_bucket_notification(bucket, NotificationConfig(queue_config_list=[*others, *ours]))


def _announced_to(told: Sequence[QueueConfig]) -> set[str]:
    """Our targets that are told of each new object."""
    return {queue.queue for queue in told if queue.queue in TARGETS["both"] and set(EVENTS) <= set(queue.events)}

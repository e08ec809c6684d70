"""Makes the landing bucket what the streaming query needs it to be."""

from minio import Minio
from minio.commonconfig import ENABLED
from minio.notificationconfig import NotificationConfig, QueueConfig
from minio.versioningconfig import VersioningConfig

from conf.settings import Settings

# The Kafka target that the MinIO server is configured with.
KAFKA_TARGET = "arn:minio:sqs::PRIMARY:kafka"
EVENTS = ["s3:ObjectCreated:*"]


def prepare(settings: Settings) -> None:
    """The bucket exists, keeps versions and notifies Kafka of each new object. What is so already is left alone."""
    access = settings.s3("lander")
    host = access.endpoint.removeprefix("http://")
    minio = Minio(host, access.access_key, access.secret_key.get_secret_value(), secure=False)
    bucket = settings.landing_bucket
    if not minio.bucket_exists(bucket):
        minio.make_bucket(bucket)
    if minio.get_bucket_versioning(bucket).status != ENABLED:
        minio.set_bucket_versioning(bucket, VersioningConfig(ENABLED))
    if not _notifies(minio.get_bucket_notification(bucket)):
        queue = QueueConfig(queue=KAFKA_TARGET, events=EVENTS)
        minio.set_bucket_notification(bucket, NotificationConfig(queue_config_list=[queue]))


def _notifies(config: NotificationConfig) -> bool:
    return any(
        queue.queue == KAFKA_TARGET and set(EVENTS) <= set(queue.events) for queue in config.queue_config_list or []
    )

"""MinIO: object storage that tells Kafka of each new object, and keeps the event while Kafka is away."""

import asyncio

from conf import access, minio_build
from conf.readiness import page
from conf.services import Service, Step, fixed
from conf.settings import HOST, Settings


def minio(settings: Settings) -> Service:
    """The server, as a service."""
    state = settings.state
    console = f"{HOST}:{settings.minio_console_port}"
    words = ("--address", f"{HOST}:{settings.minio_port}", "--console-address", console)
    return Service(
        "minio",
        (str(minio_build.BINARY), "server", str(state / "minio"), *words, "--certs-dir", str(state / "minio-certs")),
        page(f"{settings.minio_endpoint}/minio/health/ready"),
        fixed("minio")
        | {
            "MINIO_ROOT_USER": settings.credential("minio_root_user"),
            "MINIO_ROOT_PASSWORD": settings.credential("minio_root_password"),
            "MINIO_NOTIFY_KAFKA_BROKERS_PRIMARY": settings.kafka_servers,
            "MINIO_NOTIFY_KAFKA_TOPIC_PRIMARY": settings.landing_topic,
            # Without a queue on disk every event during an outage of Kafka is lost while all puts succeed.
            "MINIO_NOTIFY_KAFKA_QUEUE_DIR_PRIMARY": str(state / "minio-events"),
        },
        {"MINIO_PORT": settings.minio_port, "MINIO_CONSOLE_PORT": settings.minio_console_port},
        url=f"http://{console}",
    )


def users(settings: Settings) -> Step:
    """Each part has its MinIO user."""
    return Step("users", lambda: asyncio.to_thread(access.grant, settings), frozenset({"minio"}))

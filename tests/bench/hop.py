"""From PUT to Kafka: `python -m tests.bench.hop` measures the ways in which MinIO can announce an object (P4 of docs/performance.md).

*queue*: MinIO keeps the event on disk and sends it from there. *direct*: it sends the event while the PUT waits. *both*: two targets on
one topic. One MinIO has all of them, a bucket each, and the PUTs take turns; then Kafka is stopped, and PUTs are timed once more.
"""

import io
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from confluent_kafka import Consumer
from minio import Minio
from minio.notificationconfig import NotificationConfig, QueueConfig

from conf.first_start import access, secrets, topics
from lander.bucket import DIRECT, QUEUE
from tests.bench.results import Json, keep
from tests.faults.ministack import Server, loaded
from tests.stack.ports import free_ports
from tests.stack.servers import as_part, part

WAYS: dict[str, Sequence[str]] = {"queue": [QUEUE], "direct": [DIRECT], "both": [QUEUE, DIRECT]}
PAUSE_SECONDS = 0.5
LAST_SECONDS = 10
BODY = b"v1,v2\nham,hello\n"

Samples = Annotated[int, typer.Option(help="PUTs for each way.")]


def main(samples: Samples = 200, json: Json = None) -> None:
    """PUT by turns, and note when each event is in the topic."""
    with TemporaryDirectory(prefix="hop-") as folder:
        minio, kafka = servers(Path(folder))
        try:
            minio.start()
            kafka.start()
            topics.create(minio.settings)
            client = bucket_of_each_way(minio)
            answered, seen = measured(client, minio, samples)
            kafka.stop()
            away = {way: timed(client, way, f"away-{one}") for way in WAYS for one in range(5)}
            without = {way: [timed(client, way, f"away-{one}") for one in range(5, 10)] for way in WAYS}
        finally:
            minio.stop()
            kafka.stop()
    hops = {way: [seen[key] - at for key, at in answered[way].items() if key in seen] for way in WAYS}
    for way, took in hops.items():
        print(
            f"{way}: {len(took)} of {samples}, p50 {median(took):.3f} s, p99 {quantiles(took, n=100)[98]:.3f} s; "
            f"a PUT without Kafka: first {away[way]:.2f} s, then {max(without[way]):.2f} s at most"
        )
    keep(json, [], {"hops": hops, "put without Kafka": without})


def servers(folder: Path) -> tuple[Server, Server]:
    """MinIO and Kafka; not started yet."""
    names = ("MINIO_PORT", "MINIO_CONSOLE_PORT", "KAFKA_PORT", "KAFKA_CONTROLLER_PORT")
    ports = {name: str(port) for name, port in zip(names, free_ports(len(names)), strict=True)}
    for room in ("run", "logs", "state"):
        (folder / room).mkdir(parents=True)
    secrets.for_home(folder)
    settings = loaded(ports | {"LAKE_HOME": str(folder)})
    minio, kafka = (Server(part(settings, name), settings) for name in ("minio", "kafka"))
    return minio, kafka


def bucket_of_each_way(minio: Server) -> Minio:
    """Named as the way; answers MinIO, asked by root."""
    access.grant(minio.settings)
    client = as_part(minio.settings, "root")
    for way, targets in WAYS.items():
        client.make_bucket(way)
        queues = [
            QueueConfig(queue=target, events=["s3:ObjectCreated:*"], config_id=target[-13:]) for target in targets
        ]
        client.set_bucket_notification(way, NotificationConfig(queue_config_list=queues))
    return client


def measured(client: Minio, minio: Server, samples: int) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """When each PUT was answered, by way and key, and when its first event was read from the topic."""
    seen: dict[str, float] = {}
    ended = threading.Event()

    def read() -> None:
        told = {"bootstrap.servers": minio.settings.kafka.servers, "group.id": "hop", "fetch.wait.max.ms": 5}
        consumer = Consumer(told | {"auto.offset.reset": "earliest"})
        consumer.subscribe([minio.settings.kafka.landing_topic])
        while not ended.is_set():
            message = consumer.poll(0.5)
            if message and not message.error():
                seen.setdefault((message.key() or b"").decode(), time.time())
        consumer.close()

    reader = threading.Thread(target=read, name="reader")
    reader.start()
    answered: dict[str, dict[str, float]] = {way: {} for way in WAYS}
    for one in range(samples):
        for way in WAYS:
            timed(client, way, str(one))
            answered[way][f"{way}/{one}"] = time.time()
            time.sleep(PAUSE_SECONDS / len(WAYS))
    time.sleep(LAST_SECONDS)
    ended.set()
    reader.join()
    return answered, seen


def timed(client: Minio, way: str, key: str) -> float:
    """How long a PUT takes."""
    since = time.monotonic()
    client.put_object(way, key, io.BytesIO(BODY), len(BODY))
    return time.monotonic() - since


if __name__ == "__main__":
    typer.run(main)

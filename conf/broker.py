"""Kafka: one node that is broker and controller, its storage, and the topics that the query reads."""

import asyncio
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path

from conf import java, topics
from conf.commands import run
from conf.jars import FOLDER
from conf.readiness import broker
from conf.services import Service, Step
from conf.settings import HOST, ROOT, Settings

COMMON = ROOT / "conf" / "kafka.properties"
LOGGING = ROOT / "conf" / "kafka-log4j2.properties"
# Kafka's data are small here: a simple collector and one compiler start fastest.
JVM = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true")


def kafka(settings: Settings) -> Service:
    """The broker, as a service."""
    return Service(
        "kafka",
        _java("kafka.Kafka", str(_properties(settings))),
        broker(settings.kafka_servers),
        ports={"KAFKA_PORT": settings.kafka_port, "KAFKA_CONTROLLER_PORT": settings.kafka_controller_port},
        needs=frozenset({"kafka-storage"}),
    )


def steps(settings: Settings) -> list[Step]:
    """The storage is formatted before the broker's first start; the topics exist after each."""
    return [
        Step("kafka-storage", lambda: _format(settings)),
        Step("topics", lambda: asyncio.to_thread(topics.create, settings), frozenset({"kafka"})),
    ]


def write_properties(settings: Settings) -> None:
    """Kafka's settings file for this stack."""
    node, controller = f"{HOST}:{settings.kafka_port}", f"{HOST}:{settings.kafka_controller_port}"
    lines = {
        "controller.quorum.voters": f"1@{controller}",
        "listeners": f"PLAINTEXT://{node},CONTROLLER://{controller}",
        "advertised.listeners": f"PLAINTEXT://{node}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str(_data(settings)),
    }
    own = "".join(f"{name}={value}\n" for name, value in lines.items())
    _properties(settings).write_text(COMMON.read_text() + own)


async def _format(settings: Settings) -> None:
    data = _data(settings)
    if (data / "meta.properties").exists():
        return
    data.mkdir(parents=True, exist_ok=True)
    cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")
    words = ("format", "--ignore-formatted", "--cluster-id", cluster, "--config", str(_properties(settings)))
    await run(settings, "kafka-storage", _java("kafka.tools.StorageTool", *words))


def _data(settings: Settings) -> Path:
    return settings.state / "kafka"


def _properties(settings: Settings) -> Path:
    return settings.lake_home / "run" / "kafka.properties"


def _java(main: str, *words: str) -> tuple[str, ...]:
    logging = f"-Dlog4j2.configurationFile={LOGGING}"
    return (str(java.HOME / "bin" / "java"), *JVM, logging, "-cp", f"{FOLDER / 'kafka'}/*", main, *words)

"""What waits in a real Kafka, and what the control topic takes."""

import json
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from confluent_kafka import Producer

from conf.first_start import secrets, topics
from conf.settings import Settings, load
from conf.tables import object_identity
from streaming.errors import ServiceError
from streaming.events import backlog, control
from streaming.events.intake import Sources, take_in
from streaming.events.objects import ObjectVersion
from streaming.events.records import VALUE_BYTES
from tests.stack.ports import free_ports
from tests.stack.servers import part, served

LANDED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def broker_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings that lead to a Kafka of its own."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAKE_HOME", str(home))
        for name, port in zip(("KAFKA_PORT", "KAFKA_CONTROLLER_PORT"), free_ports(2), strict=True):
            patch.setenv(name, str(port))
        for folder in ("run", "logs", "state"):
            (home / folder).mkdir()
        secrets.for_home(home)
        settings = load()
        with served(part(settings, "kafka"), settings):
            yield settings


@pytest.fixture
def settings(broker_settings: Settings, request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Topics and a checkpoint of the test's own."""
    name = request.node.name.split("[")[0]
    here = {"landing_topic": f"{name}-events", "control_topic": f"{name}-control"}
    own = replace(broker_settings, home=tmp_path, kafka=broker_settings.kafka.model_copy(update=here))
    topics.create(own)
    _wait_for_leaders(own)
    return own


def _wait_for_leaders(settings: Settings) -> None:
    """A new topic has none for a moment."""
    for _ in range(100):
        with suppress(ServiceError):
            backlog.count(settings)
            return
        time.sleep(0.1)
    raise AssertionError("the topics have no leader")


def version(key: str) -> ObjectVersion:
    return ObjectVersion("landing", key, "v1", "e1", 22, LANDED_AT)


def notification(*keys: str) -> bytes:
    def event(key: str) -> dict[str, object]:
        described = {"key": key, "size": 22, "eTag": "e1", "versionId": "v1"}
        where = {"bucket": {"name": "landing"}, "object": described}
        return {"eventName": "s3:ObjectCreated:Put", "eventTime": "2026-01-02T03:04:05Z", "s3": where}

    return json.dumps({"Records": [event(key) for key in keys]}).encode()


def produce(settings: Settings, *values: bytes | None) -> None:
    producer = Producer({"bootstrap.servers": settings.kafka.servers, "acks": "all"})
    for value in values:
        producer.produce(settings.kafka.landing_topic, value)
        producer.flush(30)


def read_to(settings: Settings, events: int, control: int) -> None:
    """The query's checkpoint says that it has read so many records of each topic."""
    position = {settings.kafka.landing_topic: {"0": events}, settings.kafka.control_topic: {"0": control}}
    for name, lines in {"offsets": ["v1", "{}", json.dumps(position)], "commits": ["v1", "{}"]}.items():
        (settings.checkpoint / name).mkdir(parents=True, exist_ok=True)
        (settings.checkpoint / name / "0").write_text("\n".join(lines))


def test_what_waits_in_both_topics_is_known(settings: Settings) -> None:
    assert (backlog.count(settings), backlog.waiting(settings, 100)) == (0, set())
    produce(settings, notification("a", "b"), b"no notification", None, notification("c"))
    control.send(settings, [control.landed(version("d")), control.Reconcile(requested_at=LANDED_AT)])
    assert backlog.count(settings) == 6
    assert backlog.waiting(settings, 6) == {version(key).identity for key in "abcd"}
    read_to(settings, events=1, control=1)
    assert backlog.count(settings) == 4
    assert backlog.waiting(settings, 6) == {version("c").identity}
    read_to(settings, events=4, control=2)
    assert (backlog.count(settings), backlog.waiting(settings, 0)) == (0, set())


def test_requests_are_read_whatever_else_lands_meanwhile(settings: Settings) -> None:
    control.send(settings, [control.Reconcile(requested_at=LANDED_AT)] * 2)
    asked = backlog.requests(settings)
    read_to(settings, events=0, control=1)
    produce(settings, notification("a"))
    control.send(settings, [control.Reconcile(requested_at=LANDED_AT)])
    assert not backlog.has_read(settings, asked)
    read_to(settings, events=0, control=2)
    assert (backlog.has_read(settings, asked), backlog.count(settings)) == (True, 2)


def test_more_requests_than_the_client_holds_are_sent(settings: Settings) -> None:
    asked = control.Reconcile(requested_at=LANDED_AT)
    control.send(settings, [asked] * 100_010)
    assert backlog.requests(settings) == {settings.kafka.control_topic: {0: 100_010}}


def test_a_position_that_the_topic_does_not_have_means_that_all_of_it_waits(settings: Settings) -> None:
    produce(settings, notification("a"))
    read_to(settings, events=1000, control=1000)
    assert (backlog.count(settings), backlog.waiting(settings, 10)) == (1, {version("a").identity})


@pytest.mark.parametrize(
    ("limit", "known"), [pytest.param(3, False, id="more versions than that"), pytest.param(4, True, id="as many")]
)
def test_of_more_than_the_limit_nothing_is_said(settings: Settings, limit: int, known: bool) -> None:
    if not backlog.count(settings):
        produce(settings, notification("a", "b", "c", "d"))
    assert (backlog.waiting(settings, limit) is not None) is known


def test_more_records_than_the_limit_are_not_read(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    produce(settings, notification("a"), notification("a"))
    monkeypatch.setattr(backlog, "take_in", None)
    assert backlog.waiting(settings, 1) is None


def test_the_records_are_not_held_all_at_once(settings: Settings) -> None:
    produce(settings, *(notification("a").ljust(VALUE_BYTES) for _ in range(320)))
    tracemalloc.start()
    try:
        assert backlog.waiting(settings, 400) == {version("a").identity}
        assert tracemalloc.get_traced_memory()[1] < 32 * VALUE_BYTES
    finally:
        tracemalloc.stop()


def test_what_is_sent_is_what_is_taken_in(settings: Settings) -> None:
    control.send(settings, [control.landed(version("ü\n😀+%")), control.Reconcile(requested_at=LANDED_AT)])
    intake = take_in(backlog.records(settings, {}), Sources("landing", settings.kafka.control_topic))
    assert [one.identity for one in intake.objects] == [object_identity("landing", "ü\n😀+%", "v1")]
    assert (intake.full_pass_requested, intake.dead_letters) == (True, [])


def test_a_topic_that_is_missing_is_named(settings: Settings) -> None:
    none = replace(settings, kafka=settings.kafka.model_copy(update={"landing_topic": "no-such-topic"}))
    with pytest.raises(ServiceError, match="has no topic no-such-topic; `lake up` makes it"):
        backlog.count(none)


def test_a_kafka_that_is_away_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "PATIENCE_SECONDS", 0.5)
    monkeypatch.setattr(control, "PATIENCE_SECONDS", 0.5)
    # The port for what is thrown away: nobody listens.
    away = replace(settings, kafka=settings.kafka.model_copy(update={"port": 9}))
    with pytest.raises(ServiceError, match=r"Kafka at 127\.0\.0\.1:9 cannot be read"):
        backlog.waiting(away, 10)
    with pytest.raises(ServiceError, match=r"Kafka at 127\.0\.0\.1:9 did not take 1 of 1 records"):
        control.send(away, [control.landed(version("a"))])

"""The whole path on real services: API → Airflow → MinIO → Kafka → Spark → Delta → MLflow, and what must not break it.

The tests share one stack and run in the order in which they are written; each waits for the state it needs.
"""

import hashlib
import io
import json
import os
import signal
import time
from typing import Any

import httpx
import psutil
import pytest
from confluent_kafka import Producer
from deltalake import DeltaTable
from minio import Minio

from conf import s3
from conf.tables import LEDGER, MESSAGES, QUARANTINE, Table
from streaming.audit.arrival import arrivals
from streaming.events import backlog
from streaming.ledger.place import Place
from streaming.query import NAME
from tests.sms import parse
from tests.stack.conftest import Stack
from tests.stack.spark_history import ended

# Starting everything counts into the first test; trainings take a minute each on a busy machine.
pytestmark = pytest.mark.timeout(1800)

ROW = ("label", "text", "text_unescaped", "text_raw", "repair", "rescued", "source_row", "source_part")


def landing(stack: Stack, part: str = "lander") -> Minio:
    return s3.minio(stack.settings.s3(part))


def put(stack: Stack, key: str, body: bytes) -> str:
    written = landing(stack).put_object(stack.settings.minio.landing_bucket, key, io.BytesIO(body), len(body))
    assert written.version_id is not None
    return written.version_id


def login(stack: Stack) -> tuple[str, str]:
    access = stack.settings.tracking()
    return access.user, access.password.get_secret_value()


def opened(stack: Stack, table: Table) -> DeltaTable:
    return Place(stack.settings.minio.delta_bucket, stack.settings.s3("stream")).open(table)


def table(stack: Stack, name: Table, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    return list(opened(stack, name).to_pyarrow_table(columns=list(columns)).to_pylist())


def outcome(stack: Stack, version: str, patience: int = 60) -> dict[str, Any]:
    """The ledger entry of one object version, once it is there."""
    for _ in range(patience):
        for entry in table(stack, LEDGER, tuple(LEDGER.schema.names)):
            if entry["source_version"] == version:
                return entry
        time.sleep(1)
    raise AssertionError(f"no outcome for {version}; audit: {stack.audit()}")


@pytest.fixture(scope="module")
def arrived(stack: Stack) -> Stack:
    stack.wait()
    return stack


def test_everything_served_is_landed_and_every_object_has_its_outcome(arrived: Stack) -> None:
    audit = arrived.audit()
    status = httpx.get(f"{arrived.settings.source.url}/status").json()
    assert (audit["remaining"], audit["unconfirmed"], audit["pending"], audit["unaccounted"]) == (0, 0, 0, 0)
    assert audit["clean"]
    assert audit["landed"] == audit["loaded"] == audit["served"] == status["pages"]
    assert audit["rows"] + audit["rows_quarantined"] == audit["source_records"] == status["records"]


def test_the_landed_pages_joined_are_the_dataset_byte_for_byte(arrived: Stack) -> None:
    minio, bucket = landing(arrived), arrived.settings.minio.landing_bucket
    keys = sorted(item.object_name for item in minio.list_objects(bucket, recursive=True) if item.object_name)
    bodies = [minio.get_object(bucket, key).read() for key in keys]
    header = bodies[0][: bodies[0].index(b"\n") + 1]
    joined = header + b"".join(body.removeprefix(header) for body in bodies)
    status = httpx.get(f"{arrived.settings.source.url}/status").json()
    assert hashlib.sha256(joined).hexdigest() == status["sha256"]


def test_the_table_holds_exactly_the_rows_of_the_landed_pages(arrived: Stack) -> None:
    minio, bucket = landing(arrived), arrived.settings.minio.landing_bucket
    expected = []
    for item in minio.list_objects(bucket, recursive=True):
        assert item.object_name
        page = parse(minio.get_object(bucket, item.object_name).read())
        expected += [(item.object_name, *(getattr(message, name) for name in ROW)) for message in page.messages]
    rows = table(arrived, MESSAGES, ("source_key", *ROW))
    assert sorted(map(repr, (tuple(row.values()) for row in rows))) == sorted(map(repr, expected))


def test_a_second_table_from_landing_has_the_same_rows(arrived: Stack) -> None:
    rows = arrived.audit()["rows"] + arrived.audit()["recovered"]
    said = arrived.run("lake", "rebuild", "--into", "messages_again").stdout
    assert [line.split()[-1] for line in said.splitlines()[-4:]] == [str(rows), "0", "0", "0"]


def test_each_page_is_one_object_written_once_with_its_description(arrived: Stack) -> None:
    minio, bucket = landing(arrived, "stream"), arrived.settings.minio.landing_bucket
    versions = [item.object_name for item in minio.list_objects(bucket, recursive=True, include_version=True)]
    assert len(versions) == len(set(versions))
    body = minio.get_object(bucket, versions[0] or "")
    assert body.headers["x-amz-meta-sha256"] == hashlib.sha256(body.read()).hexdigest()


def test_the_query_is_named_in_the_spark_ui(arrived: Stack) -> None:
    page = httpx.get(f"http://127.0.0.1:{arrived.settings.spark.ui_port}/StreamingQuery/", follow_redirects=True)
    assert NAME in page.text


@pytest.fixture(scope="module")
def models(arrived: Stack, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    """The summaries of two trainings, on two versions."""
    version = arrived.audit()["version"]
    first = arrived.train(tmp_path_factory.mktemp("first"))
    more = "".join(f"spam,win prize number {number} today,,,\n" for number in range(60))
    outcome(arrived, put(arrived, "more.csv", b"v1,v2,,,\n" + more.encode()))
    newest = arrived.train(tmp_path_factory.mktemp("newest"), "--version", str(version + 1))
    assert (first["version"], newest["version"]) == (version, version + 1)
    return first, newest


def test_a_model_is_trained_on_an_exact_version_and_registered(
    arrived: Stack, models: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    first, newest = models
    assert first["auc"] >= 0.97
    assert newest["rows"] == first["rows"] + 60
    assert newest["predictions_digest"] != first["predictions_digest"]
    registered = httpx.get(
        f"{arrived.settings.mlflow.url}/api/2.0/mlflow/model-versions/get",
        params={"name": first["model_name"], "version": first["model_version"]},
        auth=login(arrived),
    ).json()["model_version"]
    assert (registered["run_id"], registered["status"]) == (first["run_id"], "READY")
    history = arrived.variables["SPARK_HISTORY_PORT"]
    assert [one.jobs > 0 for one in ended(history, "lakehouse training", number=2)] == [True] * 2


@pytest.mark.usefixtures("models")
def test_what_was_trained_on_outlives_a_vacuum(arrived: Stack) -> None:
    """The two models pinned their versions; nothing else is kept here."""
    pinned = json.loads(arrived.run("lake", "pins", "--json").stdout)
    assert len({pin["version"] for pin in pinned}) == 2
    assert all(pin["readable"] and pin["who"] == f"training {pin['id']}" for pin in pinned)
    preview = arrived.run("lake", "vacuum", "--keep", "0s").stdout
    assert "Nothing is deleted" in preview
    assert "cannot be said" not in preview  # MLflow told its runs
    vacuumed = arrived.run("lake", "vacuum", "--keep", "0s", "--yes").stdout
    assert "messages: every file of the pinned versions was read" in vacuumed
    refused = arrived.run("lake", "pins", "add", "9999", "--why", "a test", check=False)
    assert refused.returncode == 1
    assert "Version 9999 of s3a://delta/messages does not exist. These versions can be read" in refused.stderr
    assert arrived.audit()["clean"]


def test_notifications_that_come_again_add_nothing(arrived: Stack) -> None:
    before = arrived.audit()
    settings = arrived.settings
    producer = Producer({"bootstrap.servers": settings.kafka.servers})
    for record in backlog.records(settings, start={}):
        producer.produce(record.topic, record.value)
    producer.flush(30)
    marker = outcome(arrived, put(arrived, "after-the-repeats.csv", b"v1,v2,,,\nham,the last one,,,\n"))
    after = arrived.audit()
    assert marker["state"] == "loaded"
    assert (after["rows"], after["landed"]) == (before["rows"] + 1, before["landed"] + 1)
    assert after["clean"]


@pytest.mark.parametrize(
    ("key", "body", "state", "rule"),
    [
        ("empty.csv", b"", "quarantined", "empty"),
        ("semicolons.csv", b"v1;v2\nham;hello\n", "quarantined", "wrong_separator"),
        ("gzip.csv", b"\x1f\x8b\x08\x00\x00\x00", "quarantined", "broken_gzip"),
        ("ä ö+%[*]?.csv", b"v1,v2,,,\nham,a key like this,,,\n", "loaded", None),
        ("header-only.csv", b"v1,v2,,,\n", "loaded", None),
        ("bad-row.csv", b"v1,v2,,,\nham,fine,,,\neggs,not a label,,,\n", "loaded", "unknown_label"),
    ],
)
def test_a_bad_object_is_kept_with_its_reason_and_stops_nothing(
    arrived: Stack, key: str, body: bytes, state: str, rule: str | None
) -> None:
    version = put(arrived, key, body)
    assert outcome(arrived, version)["state"] == state
    entries = table(arrived, QUARANTINE, ("source_key", "source_version", "rule", "raw"))
    rules = [entry["rule"] for entry in entries if entry["source_version"] == version]
    assert rules == ([rule] if rule else [])
    assert arrived.audit()["clean"]


def test_a_replay_of_what_can_still_not_be_read_changes_nothing(arrived: Stack) -> None:
    """The objects of the test above. What is resolved when it can be read: tests/faults/test_replay.py."""
    before = arrived.audit()
    said = arrived.run("lake", "replay", "--rule", "unknown_label").stdout
    assert [line.split()[-1] for line in said.splitlines()[1:]] == ["0", "1"]
    assert arrived.audit() == before
    refused = arrived.run("lake", "replay", "--object", "nowhere.csv", check=False)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "Nothing of the object 'nowhere.csv' is in quarantine unresolved" in refused.stderr


def test_a_record_that_is_no_notification_is_kept_and_stops_nothing(arrived: Stack) -> None:
    settings = arrived.settings
    before = arrived.audit()["dead_letters"]
    producer = Producer({"bootstrap.servers": settings.kafka.servers})
    producer.produce(settings.kafka.landing_topic, b"this is no notification")
    producer.flush(30)
    assert outcome(arrived, put(arrived, "after-the-letter.csv", b"v1,v2,,,\nham,goes on,,,\n"))["state"] == "loaded"
    assert arrived.audit()["dead_letters"] == before + 1


def test_an_object_whose_notification_was_lost_is_found_and_loaded(arrived: Stack) -> None:
    before = arrived.audit()
    version = put_unannounced(arrived, "unannounced.csv", b"v1,v2,,,\nham,nobody was told of me,,,\n")
    entry = outcome(arrived, version, patience=120)
    assert (entry["state"], entry["found_by"]) == ("loaded", "reconcile")
    after = arrived.audit()
    assert (after["reconciled"], after["clean"]) == (before["reconciled"] + 1, True)
    # One row each, whatever tries it took.
    assert after["rows"] - before["rows"] == after["landed"] - before["landed"] > 0


def put_unannounced(stack: Stack, key: str, body: bytes) -> str:
    """The version of an object of which no notification was sent: the bucket had none while it was written."""
    minio, bucket = landing(stack), stack.settings.minio.landing_bucket
    for _ in range(5):
        minio.delete_bucket_notification(bucket)
        version = put(stack, key, body)
        # A run of the DAG repairs the notification: then it may have come between the two.
        if not minio.get_bucket_notification(bucket).queue_config_list:
            return version
    raise AssertionError("the notification was repaired each time")


def test_a_killed_query_comes_back_and_loses_and_doubles_nothing(arrived: Stack) -> None:
    before = arrived.audit()
    for process in queries(arrived):
        os.kill(process.pid, signal.SIGKILL)
    version = put(arrived, "while-it-was-dead.csv", b"v1,v2,,,\nham,nobody was there,,,\n")
    for _ in arrivals(arrived.settings):
        pass
    after = arrived.audit()
    assert outcome(arrived, version)["state"] == "loaded"
    assert (after["rows"], after["clean"]) == (before["rows"] + 1, True)


def test_a_model_is_reproduced_past_a_vacuum_and_retention_properties_of_seconds(
    arrived: Stack, models: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    """Somebody shortened what the table keeps: Delta refuses every older version then. The query puts it back when it starts."""
    kept = properties(arrived)
    opened(arrived, MESSAGES).alter.set_table_properties(dict.fromkeys(kept, "interval 1 seconds"))
    time.sleep(2)
    assert "every file of the pinned versions was read" in arrived.run("lake", "vacuum", "--keep", "0s", "--yes").stdout
    for process in queries(arrived):
        os.kill(process.pid, signal.SIGKILL)
    for _ in range(60):
        if properties(arrived) == kept:
            break
        time.sleep(1)
    first, _ = models
    proof = json.loads(arrived.run("lake", "reproduce", first["run_id"], "--json").stdout)
    assert (proof["verdict"], proof["run_id"]) == ("REPRODUCED", first["run_id"])


def properties(stack: Stack) -> dict[str, str]:
    """How long the table of messages keeps its log and its deleted files."""
    found = opened(stack, MESSAGES).metadata().configuration
    return {name: value for name, value in found.items() if name.endswith("RetentionDuration")}


def queries(stack: Stack) -> list[psutil.Process]:
    """The query's Python driver in this stack, and not one of another stack."""
    mine = []
    for process in psutil.process_iter():
        try:
            is_query = any(word.endswith("streaming/ingest.py") for word in process.cmdline())
            if is_query and process.environ().get("LAKE_HOME") == str(stack.home):
                mine.append(process)
        except psutil.Error:
            continue
    assert mine
    return mine

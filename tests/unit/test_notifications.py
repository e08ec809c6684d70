"""What becomes of the records of the two topics."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from streaming import control
from streaming.intake import Intake, take_in
from streaming.notifications import Announced, KafkaRecord
from streaming.objects import ObjectVersion

EVENTS, CONTROL = "landing-events", "landing-control"
LANDED_AT = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def event(key: str = "a.csv", **changes: Any) -> dict[str, Any]:
    described = {"key": key, "size": 22, "eTag": "e1", "versionId": "v1"} | changes.pop("described", {})
    return {
        "eventName": "s3:ObjectCreated:Put",
        "eventTime": "2026-01-02T03:04:05.678Z",
        "s3": {"bucket": {"name": "landing"}, "object": described},
    } | changes


def record(*events: dict[str, Any], offset: int = 0) -> KafkaRecord:
    return KafkaRecord(EVENTS, 0, offset, json.dumps({"Records": list(events)}).encode())


def announcement(bucket: str = "landing", offset: int = 0) -> KafkaRecord:
    said = control.landed(ObjectVersion("a.csv", "v1", "e1", 22, LANDED_AT), bucket)
    return KafkaRecord(CONTROL, 0, offset, said.model_dump_json().encode())


def taken_in(*records: KafkaRecord) -> Intake:
    return take_in(records, "landing", CONTROL)


def test_a_notification_names_one_object_version() -> None:
    intake = taken_in(record(event(), offset=7))
    assert intake.objects == [Announced("a.csv", "v1", "e1", 22, LANDED_AT, "notification", 0, 7)]


def test_what_reconciliation_announces_is_the_same_object_version() -> None:
    intake = taken_in(announcement(offset=3))
    assert intake.objects == [Announced("a.csv", "v1", "e1", 22, LANDED_AT, "reconcile", 0, 3)]


def test_a_late_notification_goes_before_what_reconciliation_says() -> None:
    intake = taken_in(announcement(offset=0), record(event(), offset=9))
    assert ([version.found_by for version in intake.objects], intake.repeated) == (["notification"], 1)


def test_what_is_announced_of_another_bucket_is_ignored_and_counted() -> None:
    intake = taken_in(announcement(bucket="elsewhere"))
    assert (intake.objects, intake.ignored) == ([], 1)


@pytest.mark.parametrize(
    ("encoded", "key"),
    [
        ("pages%2Fp-1.csv", "pages/p-1.csv"),
        ("a+b%2Bc", "a b+c"),
        ("100%2525", "100%25"),
        ("%C3%BC%F0%9F%98%80%5B%2A", "ü😀[*"),
    ],
)
def test_the_key_is_decoded_exactly_once(encoded: str, key: str) -> None:
    assert [version.key for version in taken_in(record(event(encoded))).objects] == [key]


def test_a_zero_byte_object_has_no_size_in_its_event() -> None:
    without_size = event()
    del without_size["s3"]["object"]["size"]
    assert taken_in(record(without_size)).objects[0].size == 0


@pytest.mark.parametrize("told", ["", "null", None])
def test_without_versioning_the_etag_identifies_the_object(told: str | None) -> None:
    intake = taken_in(record(event(described={"versionId": told})))
    assert intake.objects[0].identity == ("a.csv", "e1")


def test_a_repeated_notification_counts_once_and_the_first_one_is_kept() -> None:
    intake = taken_in(record(event(), offset=9), record(event(), offset=3))
    assert ([version.kafka_offset for version in intake.objects], intake.repeated) == ([3], 1)


def test_two_versions_of_one_key_are_two_objects() -> None:
    newer = event(described={"versionId": "v2"})
    assert len(taken_in(record(event()), record(newer)).objects) == 2


def test_all_events_of_a_record_are_taken() -> None:
    assert [v.key for v in taken_in(record(event("a"), event("b"))).objects] == ["a", "b"]


@pytest.mark.parametrize(
    "other",
    [
        event(eventName="s3:ObjectRemoved:Delete"),
        event(eventName="s3:ObjectAccessed:Get"),
        event(s3={"bucket": {"name": "delta"}, "object": {"key": "a", "eTag": "e"}}),
    ],
)
def test_what_is_no_new_object_of_the_bucket_is_ignored_and_counted(other: dict[str, Any]) -> None:
    intake = taken_in(record(other, event()))
    assert (len(intake.objects), intake.ignored, intake.dead_letters) == (1, 1, [])


@pytest.mark.parametrize("topic", [EVENTS, CONTROL])
@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"not json",
        b"[]",
        b"{}",
        b'{"Records": {}}',
        b'{"Records": [1]}',
        b"\xff\xfe",
        b'{"type": "drop_all_tables"}',
        b'{"Records": [{"eventName": "s3:ObjectCreated:Put", "s3": {"bucket": {"name": "landing"}, "object": {}}}]}',
    ],
)
def test_a_record_that_cannot_be_read_is_a_dead_letter_and_its_neighbours_load(topic: str, value: bytes | None) -> None:
    broken = KafkaRecord(topic, 0, 0, value)
    intake = taken_in(broken, record(event(), offset=1))
    assert [letter.record for letter in intake.dead_letters] == [broken]
    assert intake.dead_letters[0].detail.startswith(topic)
    assert len(intake.objects) == 1


def test_no_event_at_all_is_fine() -> None:
    intake = taken_in(record())
    assert (intake.objects, intake.dead_letters, intake.ignored) == ([], [], 0)

"""What becomes of the records of the landing topic."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from streaming.notifications import KafkaRecord, ObjectVersion, take_in


def event(key: str = "a.csv", **changes: Any) -> dict[str, Any]:
    described = {"key": key, "size": 22, "eTag": "e1", "versionId": "v1"} | changes.pop("described", {})
    return {
        "eventName": "s3:ObjectCreated:Put",
        "eventTime": "2026-01-02T03:04:05.678Z",
        "s3": {"bucket": {"name": "landing"}, "object": described},
    } | changes


def record(*events: dict[str, Any], offset: int = 0) -> KafkaRecord:
    return KafkaRecord(0, offset, json.dumps({"Records": list(events)}).encode())


def test_a_notification_names_one_object_version() -> None:
    intake = take_in([record(event(), offset=7)], "landing")
    assert intake.objects == [
        ObjectVersion("a.csv", "v1", "e1", 22, datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC), 0, 7)
    ]


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
    assert [version.key for version in take_in([record(event(encoded))], "landing").objects] == [key]


def test_a_zero_byte_object_has_no_size_in_its_event() -> None:
    without_size = event()
    del without_size["s3"]["object"]["size"]
    assert take_in([record(without_size)], "landing").objects[0].size == 0


def test_without_versioning_the_etag_identifies_the_object() -> None:
    intake = take_in([record(event(described={"versionId": ""}))], "landing")
    assert intake.objects[0].identity == ("a.csv", "e1")


def test_a_repeated_notification_counts_once_and_the_first_one_is_kept() -> None:
    intake = take_in([record(event(), offset=9), record(event(), offset=3)], "landing")
    assert ([version.kafka_offset for version in intake.objects], intake.repeated) == ([3], 1)


def test_two_versions_of_one_key_are_two_objects() -> None:
    newer = event(described={"versionId": "v2"})
    assert len(take_in([record(event()), record(newer)], "landing").objects) == 2


def test_all_events_of_a_record_are_taken() -> None:
    assert [v.key for v in take_in([record(event("a"), event("b"))], "landing").objects] == ["a", "b"]


@pytest.mark.parametrize(
    "other",
    [
        event(eventName="s3:ObjectRemoved:Delete"),
        event(eventName="s3:ObjectAccessed:Get"),
        event(s3={"bucket": {"name": "delta"}, "object": {"key": "a", "eTag": "e"}}),
    ],
)
def test_what_is_no_new_object_of_the_bucket_is_ignored_and_counted(other: dict[str, Any]) -> None:
    intake = take_in([record(other, event())], "landing")
    assert (len(intake.objects), intake.ignored, intake.dead_letters) == (1, 1, [])


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
        b'{"Records": [{"eventName": "s3:ObjectCreated:Put", "s3": {"bucket": {"name": "landing"}, "object": {}}}]}',
    ],
)
def test_a_record_that_is_no_notification_is_a_dead_letter_and_its_neighbours_load(value: bytes | None) -> None:
    broken = KafkaRecord(0, 0, value)
    intake = take_in([broken, record(event(), offset=1)], "landing")
    assert [letter.record for letter in intake.dead_letters] == [broken]
    assert len(intake.objects) == 1


def test_no_event_at_all_is_fine() -> None:
    intake = take_in([record()], "landing")
    assert (intake.objects, intake.dead_letters, intake.ignored) == ([], [], 0)

"""What becomes of the records of the two topics."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from conf.tables import object_identity
from streaming.events import control
from streaming.events.intake import Announced, Intake, Sources, take_in
from streaming.events.objects import ObjectVersion
from streaming.events.records import KafkaRecord, kafka_record

EVENTS, CONTROL = "landing-events", "landing-control"
LANDED_AT = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def event(key: str = "a.csv", **changes: Any) -> dict[str, Any]:
    described = {"key": key, "size": 22, "eTag": "e1", "versionId": "v1"} | changes.pop("described", {})
    return {
        "eventName": "s3:ObjectCreated:Put",
        "eventTime": "2026-01-02T03:04:05.678Z",
        "s3": {"bucket": {"name": "landing"}, "object": described},
    } | changes


def record(*events: Any, offset: int = 0) -> KafkaRecord:
    return kafka_record(EVENTS, 0, offset, json.dumps({"Records": list(events)}).encode())


def announcement(bucket: str = "landing", offset: int = 0) -> KafkaRecord:
    said = control.landed(ObjectVersion(bucket, "a.csv", "v1", "e1", 22, LANDED_AT))
    return kafka_record(CONTROL, 0, offset, said.model_dump_json().encode())


def taken_in(*records: KafkaRecord) -> Intake:
    return take_in(records, Sources("landing", CONTROL))


def test_a_notification_names_one_object_version() -> None:
    intake = taken_in(record(event(), offset=7))
    expected = Announced("landing", "a.csv", "v1", "e1", 22, LANDED_AT, "notification", EVENTS, 0, 7)
    assert intake.objects == [expected]


def test_what_reconciliation_announces_is_the_same_object_version() -> None:
    intake = taken_in(announcement(offset=3))
    assert intake.objects == [Announced("landing", "a.csv", "v1", "e1", 22, LANDED_AT, "reconcile", CONTROL, 0, 3)]
    assert intake.objects[0].identity == taken_in(record(event())).objects[0].identity


def test_a_late_notification_goes_before_what_reconciliation_says() -> None:
    intake = taken_in(announcement(offset=0), record(event(), offset=9))
    assert ([version.found_by for version in intake.objects], intake.repeated) == (["notification"], 1)


def test_what_lies_outside_the_feed_s_folder_is_ignored_and_counted() -> None:
    records = [record(event(key)) for key in ("avis/a", "avisa", "sms/a", "avis/b")]
    intake = take_in([*records, announcement()], Sources("landing", CONTROL, "avis/"))
    assert ([one.key for one in intake.objects], intake.ignored) == (["avis/a", "avis/b"], 3)
    assert not intake.dead_letters


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
        ("ü", "ü"),
        ("n%0Al", "n\nl"),
        ("%7B%3F%23%5C%01", "{?#\\\x01"),
        ("...%2Fa..%2F..b", ".../a../..b"),
        ("a%2F", "a/"),
        ("a%2F+%2Fb+", "a/ /b "),
        ("x" * 1024, "x" * 1024),
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
    assert intake.objects[0].version is None
    assert intake.objects[0].identity == object_identity("landing", "a.csv", "e1")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("2026-01-02T03:04:05.678Z", LANDED_AT),
        ("2026-01-02T03:04:05.678", LANDED_AT),
        ("2026-01-02T05:04:05.678+02:00", LANDED_AT),
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_time_is_in_utc_also_without_a_zone(told: str, expected: datetime) -> None:
    [version] = taken_in(record(event(eventTime=told))).objects
    assert (version.landed_at, version.landed_at.tzinfo) == (expected, UTC)


def test_a_repeated_notification_counts_once_and_the_first_one_is_kept() -> None:
    intake = taken_in(record(event(), offset=9), record(event(), offset=3))
    assert ([version.kafka_offset for version in intake.objects], intake.repeated) == ([3], 1)


def test_two_versions_of_one_key_are_two_objects() -> None:
    newer = event(described={"versionId": "v2"})
    assert len(taken_in(record(event()), record(newer)).objects) == 2


def test_all_events_of_a_record_are_taken() -> None:
    assert [v.key for v in taken_in(record(event("a"), event("b"))).objects] == ["a", "b"]


def test_other_servers_leave_the_prefix_of_an_event_out() -> None:
    assert len(taken_in(record(event(eventName="ObjectCreated:CompleteMultipartUpload"))).objects) == 1


@pytest.mark.parametrize(
    "other",
    [
        event(eventName="s3:ObjectRemoved:Delete"),
        event(eventName="s3:ObjectAccessed:Get"),
        event(eventName="s3:TestEvent"),
        event(eventName="x-s3:ObjectCreated:Put"),
        event(s3={"bucket": {"name": "delta"}, "object": {"key": "a", "eTag": "e"}}),
        {"eventName": "s3:ObjectRemoved:Delete"},
    ],
)
def test_what_is_no_new_object_of_the_bucket_is_ignored_and_counted(other: dict[str, Any]) -> None:
    intake = taken_in(record(other, event()))
    assert (len(intake.objects), intake.ignored, intake.dead_letters) == (1, 1, [])


def test_the_test_event_of_s3_is_ignored_and_counted() -> None:
    said = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "landing"}
    intake = taken_in(kafka_record(EVENTS, 0, 0, json.dumps(said).encode()))
    assert (intake.objects, intake.ignored, intake.dead_letters) == ([], 1, [])


def test_no_event_at_all_is_fine() -> None:
    intake = taken_in(record())
    assert (intake.objects, intake.dead_letters, intake.ignored) == ([], [], 0)


@pytest.mark.parametrize("requested_at", ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05"])
def test_a_full_pass_can_be_asked_for(requested_at: str) -> None:
    said = json.dumps({"type": "reconcile", "requested_at": requested_at}).encode()
    intake = taken_in(record(event()), kafka_record(CONTROL, 0, 0, said))
    assert (intake.full_pass_requested, len(intake.objects), intake.dead_letters) == (True, 1, [])
    assert not taken_in(record(event())).full_pass_requested


def test_what_asks_for_a_full_pass_can_be_read_again() -> None:
    said = control.Reconcile(requested_at=LANDED_AT).model_dump_json().encode()
    assert taken_in(kafka_record(CONTROL, 0, 0, said)).full_pass_requested

"""Whatever stands in a record can be taken in, and says the same read in one go as read event by event."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from streaming.events import notifications
from streaming.events.records import Told, kafka_record
from tests.unit.said import EVENTS, GOOD, SAID, notification, taken_in

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["Records", "type", "key", "s3"]) | st.text(), inner)
    ),
)
# Of the right form everywhere but in one place.
FIELDS = (
    "eventName",
    "eventTime",
    "s3",
    "key",
    "size",
    "eTag",
    "versionId",
    "name",
    "bucket",
    "object",
    "etag",
    "version",
    "landed_at",
    "type",
)


def _with(said: Any, name: str, value: Any) -> Any:
    if isinstance(said, list):
        return [_with(one, name, value) for one in said]
    if isinstance(said, dict):
        return {one: value if one == name else _with(inner, name, value) for one, inner in said.items()}
    return said


@settings(deadline=None)
@given(topic=st.sampled_from(sorted(SAID)), value=st.binary() | ANY_JSON.map(lambda said: json.dumps(said).encode()))
def test_any_bytes_and_any_json_can_be_taken_in(topic: str, value: bytes) -> None:
    intake = taken_in(kafka_record(topic, 0, 0, value), GOOD[topic])
    assert intake.objects[-1].key == "good"


@settings(deadline=None)
@given(topic=st.sampled_from(sorted(SAID)), name=st.sampled_from(FIELDS), value=ANY_JSON)
def test_any_value_can_stand_in_any_field(topic: str, name: str, value: Any) -> None:
    said = json.dumps(_with(json.loads(SAID[topic]()), name, value)).encode()
    intake = taken_in(kafka_record(topic, 0, 0, said), GOOD[topic])
    assert intake.objects[-1].key == "good"
    assert all(version.identity and version.key.encode() for version in intake.objects)


def _told(event: Any, carefully: bool) -> Told | str:
    value = json.dumps({"Records": [event, json.loads(notification())["Records"][0]]}).encode()
    try:
        if carefully:
            return notifications.read_carefully(value, "landing")
        return notifications.read(kafka_record(EVENTS, 0, 0, value), "landing")
    except ValueError as error:
        return str(error)


@settings(deadline=None)
@given(
    name=st.sampled_from(FIELDS), value=ANY_JSON | st.sampled_from(["s3:ObjectRemoved:Delete", "elsewhere", "a%2Fb+c"])
)
def test_read_in_one_go_it_says_the_same(name: str, value: Any) -> None:
    [event] = json.loads(notification())["Records"]
    changed = _with(event, name, value)
    assert _told(changed, carefully=False) == _told(changed, carefully=True)


def test_what_both_ways_announce_is_read_once_and_counted_as_repeated() -> None:
    """Each has its place in Kafka: a bad one is a dead letter each time."""
    good, bad = notification(), notification(size="-1")
    intake = taken_in(*(kafka_record(EVENTS, 0, offset, value) for offset, value in enumerate((good, bad, good, bad))))
    assert (len(intake.objects), intake.repeated) == (1, 1)
    assert [letter.record.offset for letter in intake.dead_letters] == [1, 3]

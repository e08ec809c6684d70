"""F16 and F45: whatever a record holds, it is a dead letter at worst, and its neighbours are loaded."""

import json

import pytest

from conf.tables import RAW_BYTES_KEPT
from streaming.events import notifications
from streaming.events.intake import DETAIL_CHARACTERS, DeadLetter
from streaming.events.records import VALUE_BYTES, KafkaRecord, kafka_record
from tests.unit.said import CONTROL, EVENTS, GOOD, SAID, notification, taken_in

RULES = {EVENTS: "not_a_notification", CONTROL: "not_a_control_record"}
DEEP = b"[" * 15_000

# An absurd value in JSON, for the field of a notification and for that of a control record.
KEYS = {
    "empty": ('""', '""'),
    "one blank": ('"+"', '" "'),
    "only blanks": ('"%09+%C2%A0"', r'"\t \u00a0"'),
    "dots": ('".."', '".."'),
    "a dot within": ('"a%2F.%2Fb"', '"a/./b"'),
    "dots within": ('"a/../b"', '"a/../b"'),
    "dots between blanks": ('"a%2F+..%09"', r'"a/ ..\t"'),
    "dots behind a backslash": ('"a%5C..%5Cb"', r'"a\\..\\b"'),
    "a lone surrogate": (r'"\ud800"', r'"\ud800"'),
    "no UTF-8": ('"%FF"', r'"\udcff"'),
    "a surrogate's bytes": ('"%ED%A0%80"', r'"\ud800\ud800"'),
    "NUL": ('"a%00"', r'"a\u0000"'),
    "a slash first": ('"%2Fa"', '"/a"'),
    "two slashes": ('"a%2F%2Fb"', '"a//b"'),
    "1,025 bytes": ('"%s"' % ("x" * 1025), '"%s"' % ("x" * 1025)),
    "1,025 bytes of 513 characters": ('"%sx"' % ("ü" * 512), '"%sx"' % ("ü" * 512)),
    "null": ("null", "null"),
    "a number": ("1", "1"),
    "an object": ("{}", "{}"),
}
SIZES = (
    "Infinity",
    "-Infinity",
    "NaN",
    "-1",
    "1" + 30 * "0",
    "1e30",
    "9" * 5000,
    "1.5",
    "22.0",
    "true",
    '"22"',
    "null",
    "[]",
)
TEXTS = (
    '""',
    '" "',
    r'"a\nb"',
    r'"e1\n"',
    r'"a\"b"',
    '"ü"',
    "1",
    "1.5",
    "true",
    '["e1"]',
    "{}",
    r'"\ud800"',
    '"%s"' % ("x" * 1025),
)
TIMES = (
    '"0001-01-01T00:00:00Z"',
    '"0001-01-01T00:00:00+14:00"',
    '"1969-12-31T23:59:59Z"',
    '"2262-01-01T00:00:00Z"',
    '"9999-12-31T23:59:59-14:00"',
    '"99999-01-01T00:00:00Z"',
    '"today"',
    '"2026-02-30T00:00:00Z"',
    '""',
    '"1767323045"',
    "1767323045",
    "null",
    "[]",
    r'"\ud800"',
)
BROKEN = {
    "a tombstone": None,
    "empty": b"",
    "a blank": b" ",
    "no JSON": b"not json",
    "no UTF-8": b"\xff\xfe",
    "UTF-16": '{"Records":[]}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"Records":[]}',
    "something behind it": b'{"Records":[]} {}',
    "a list": b"[]",
    "an object": b"{}",
    "null": b"null",
    "a number": b"1",
    "15,000 deep": DEEP,
    "15,000 deep within": b'{"Records":' + DEEP,
    "1,800 objects deep": b'{"type":' * 1_800,
    "events are an object": b'{"Records": {}}',
    "events are null": b'{"Records": null}',
    "events are text": b'{"Records": "a"}',
    "an event is a number": b'{"Records": [1]}',
    "an event is empty": b'{"Records": [{}]}',
    "an event's name is a list": b'{"Records": [{"eventName": []}]}',
    "a bucket is text": b'{"Records": [{"eventName": "s3:ObjectCreated:Put", "s3": {"bucket": "landing"}}]}',
    "an object is empty": b'{"Records": [{"eventName": "s3:ObjectCreated:Put", "s3": {"bucket": {"name": "landing"}, "object": {}}}]}',
    "another command": b'{"type": "drop_all_tables"}',
    "a type that is a list": b'{"type": []}',
    "no time": b'{"type": "reconcile"}',
    "an absurd time": b'{"type": "reconcile", "requested_at": "0001-01-01"}',
    "more than asked for": b'{"type": "reconcile", "requested_at": "2026-01-02T00:00:00Z", "of": "landing"}',
    "a huge number": b'{"Records": [%s]}' % (b"9" * 5000),
}


def letter_of(topic: str, value: bytes | None) -> DeadLetter:
    """The one dead letter that it becomes, while its neighbour is loaded."""
    intake = taken_in(kafka_record(topic, 0, 0, value), GOOD[topic])
    assert [version.key for version in intake.objects] == ["good"]
    [letter] = intake.dead_letters
    assert 0 < len(letter.detail) <= DETAIL_CHARACTERS
    assert letter.detail.encode().decode().isprintable()
    return letter


@pytest.mark.parametrize("topic", SAID)
def test_the_record_that_the_others_are_made_from_is_good(topic: str) -> None:
    intake = taken_in(kafka_record(topic, 0, 0, SAID[topic]()))
    assert ([version.key for version in intake.objects], intake.dead_letters) == (["a"], [])


@pytest.mark.parametrize("topic", SAID)
@pytest.mark.parametrize("value", BROKEN.values(), ids=BROKEN)
def test_what_is_no_record_of_its_topic_is_a_dead_letter(topic: str, value: bytes | None) -> None:
    letter = letter_of(topic, value)
    assert (letter.rule, letter.kept) == (RULES[topic], (value or b"")[:RAW_BYTES_KEPT])


@pytest.mark.parametrize("topic", SAID)
@pytest.mark.parametrize("case", KEYS)
def test_a_key_that_no_get_can_name_is_a_dead_letter(topic: str, case: str) -> None:
    value = SAID[topic](key=KEYS[case][topic == CONTROL])
    assert letter_of(topic, value).rule == RULES[topic]


@pytest.mark.parametrize("topic", SAID)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: size[:12])
def test_a_size_that_is_none_is_a_dead_letter(topic: str, size: str) -> None:
    assert letter_of(topic, SAID[topic](size=size)).rule == RULES[topic]


@pytest.mark.parametrize("topic", SAID)
@pytest.mark.parametrize(
    ("field", "text"),
    # Without versioning a version is told as empty or null.
    [("etag", text) for text in (*TEXTS, "null")] + [("version", text) for text in TEXTS if text != '""'],
    ids=lambda text: text[:12],
)
def test_an_etag_or_version_that_is_none_is_a_dead_letter(topic: str, field: str, text: str) -> None:
    assert letter_of(topic, SAID[topic](**{field: text})).rule == RULES[topic]


@pytest.mark.parametrize("topic", SAID)
@pytest.mark.parametrize("time", TIMES)
def test_a_time_that_is_none_is_a_dead_letter(topic: str, time: str) -> None:
    assert letter_of(topic, SAID[topic](time=time)).rule == RULES[topic]


def test_a_field_that_is_missing_is_named() -> None:
    value = notification().replace(b"eTag", b"etag")
    assert letter_of(EVENTS, value).detail.startswith("event 0: s3.object.eTag: Field required")


def test_the_last_of_two_fields_of_one_name_counts() -> None:
    value = notification().replace(b'"size": 22', b'"size": "x", "size": 7')
    assert [version.size for version in taken_in(kafka_record(EVENTS, 0, 0, value)).objects] == [7]


@pytest.mark.parametrize("topic", SAID)
def test_a_record_of_5_mb_is_too_large_and_only_its_beginning_is_held(topic: str) -> None:
    value = SAID[topic]() + b" " * 5_000_000
    letter = letter_of(topic, value)
    assert (letter.rule, letter.record.size, letter.kept) == ("too_large", len(value), value[:VALUE_BYTES])
    assert len(letter.record.value or b"") == VALUE_BYTES


@pytest.mark.parametrize(("more", "rules"), [(0, []), (1, ["too_large"])])
def test_as_many_bytes_as_are_held_are_read(more: int, rules: list[str]) -> None:
    value = notification().ljust(VALUE_BYTES + more)
    intake = taken_in(kafka_record(EVENTS, 0, 0, value))
    assert [letter.rule for letter in intake.dead_letters] == rules


def test_the_good_events_of_a_record_are_taken_and_the_bad_one_is_named() -> None:
    events = [json.loads(notification(key=f'"{name}"'))["Records"][0] for name in ("a", "..", "b", "")]
    intake = taken_in(kafka_record(EVENTS, 0, 0, json.dumps({"Records": [*events, 1]}).encode()))
    assert [version.key for version in intake.objects] == ["a", "b"]
    assert [letter.detail for letter in intake.dead_letters] == [
        "3 of 5 events, the first: event 1: s3.object.key: Value error, a key has no segment `.` or `..`, got '..'"
    ]


def test_a_detail_is_shown_on_one_line() -> None:
    detail = letter_of(EVENTS, notification(etag=r'"a\n\u202e😀"')).detail
    assert detail == r"event 0: s3.object.eTag: String should match pattern '^[!#-~]{1,1024}$', got 'a\n\u202e😀'"


@pytest.mark.parametrize(
    ("message", "detail"),
    [
        pytest.param("how deep\ndoes it go", r"RecursionError: how deep\ndoes it go", id="on one line"),
        pytest.param("\ud800", r"RecursionError: \ud800", id="can be encoded"),
        pytest.param("\n" * 10_000, "RecursionError: " + r"\n" * 242, id="not too long"),
    ],
)
def test_what_nobody_foresaw_is_a_dead_letter(monkeypatch: pytest.MonkeyPatch, message: str, detail: str) -> None:
    def read(_record: KafkaRecord, _bucket: str) -> None:
        raise RecursionError(message)

    monkeypatch.setattr(notifications, "read", read)
    [letter] = taken_in(kafka_record(EVENTS, 0, 0, b"{}")).dead_letters
    assert letter.detail == detail


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ((EVENTS, 0, 7, b"x"), True),
        ((EVENTS, 0, 7, b"y"), False),
        ((EVENTS, 0, 8, b"x"), False),
        ((EVENTS, 1, 7, b"x"), False),
        ((CONTROL, 0, 7, b"x"), False),
    ],
)
def test_a_dead_letter_is_the_same_when_place_and_bytes_are(other: tuple[str, int, int, bytes], same: bool) -> None:
    [one], [two] = (taken_in(kafka_record(*place)).dead_letters for place in ((EVENTS, 0, 7, b"x"), other))
    assert (one.identity == two.identity) is same

"""What becomes of an object or a record in the three tables."""

import dataclasses
import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conf.tables import MESSAGES, QUARANTINE, RAW_BYTES_KEPT, TABLES, Table
from streaming.events.intake import DeadLetter
from streaming.events.records import kafka_record
from streaming.feeds.feed import Column, Rule
from streaming.ledger.decisions import Decision
from streaming.page import parser
from streaming.rows import counts, outcomes
from streaming.rows.digest import row_hash
from streaming.rows.features import features
from streaming.rows.outcomes import Outcome, Outcomes, Told
from streaming.rows.stamp import Stamp
from tests.sms import SMS, parse
from tests.unit.announced import LANDED_AT, announced

STAMP = Stamp(5, "id 5", 3, datetime(2026, 1, 2, 4, tzinfo=UTC), "1")
PAGE = b"v1,v2,,,\nham,hello,,,\neggs,no label,,,\nspam,win,,,\n"
SHA = sha256(PAGE).hexdigest()
HASHES = [
    row_hash("ham", "hello", "hello", None, None, "a.csv", SHA, 1, 0),
    row_hash("spam", "win", "win", None, None, "a.csv", SHA, 3, 0),
]


def rows(found: Outcomes, table: str, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for part in found.parts(table) for row in part.select(list(columns)).to_pylist()]


def test_a_page_becomes_its_messages_its_rejected_rows_and_one_entry() -> None:
    found = Outcomes(STAMP, SMS)
    told = Told(7, 3, SHA, "sms", "real")
    found.add(announced(), outcomes.loaded(PAGE, parse(PAGE), told), attempts=1)
    assert rows(found, "messages", "label", "text", "source_key", "source_row", "decision", "row_hash") == [
        ("ham", "hello", "a.csv", 1, 5, HASHES[0]),
        ("spam", "win", "a.csv", 3, 5, HASHES[1]),
    ]
    assert rows(found, "quarantine", "kind", "rule", "raw", "source_key", "source_row", "decision") == [
        ("row", "unknown_label", b"eggs,no label,,,\n", "a.csv", 2, 5)
    ]
    counts = ("records", "rows_loaded", "rows_recovered", "rows_quarantined", "hash_sum", "attempts")
    assert rows(found, "ledger", "state", *counts) == [("loaded", 3, 2, 0, 1, sum(HASHES), 1)]
    said = (
        "kind",
        "source_page",
        "source_records",
        "source_sha256",
        "source_dataset",
        "source_origin",
        "content_sha256",
    )
    assert rows(found, "ledger", *said) == [("object", 7, 3, SHA, "sms", "real", SHA)]
    place = (
        "source_bucket",
        "source_version",
        "source_etag",
        "kafka_topic",
        "kafka_partition",
        "kafka_offset",
        "landed_at",
    )
    assert rows(found, "ledger", *place) == [("landing", "v1", "e1", "landing-events", 0, 7, LANDED_AT)]
    assert rows(found, "ledger", "decision", "decision_id", "revision", "batch_id", "found_by") == [
        (5, "id 5", 1, 3, "notification")
    ]


def test_the_rows_have_the_columns_of_their_tables() -> None:
    found = Outcomes(STAMP, SMS)
    found.add(announced(), outcomes.loaded(PAGE, parse(PAGE), Told()), attempts=1)
    for table in TABLES:
        assert [part.schema for part in found.parts(table.name)] == [table.schema]


@pytest.mark.parametrize("state", ["vanished", "superseded"])
def test_an_object_that_is_gone_has_an_entry_and_no_rows(state: Any) -> None:
    found = Outcomes(STAMP, SMS)
    found.add(announced(), Outcome(state), attempts=1)
    assert not any(list(found.parts(table.name)) for table in (MESSAGES, QUARANTINE))
    assert rows(found, "ledger", "state", "rows_loaded", "hash_sum", "content_sha256") == [(state, 0, 0, None)]


def test_an_object_that_is_no_page_is_kept_with_the_beginning_of_its_bytes() -> None:
    body = b"x" * (RAW_BYTES_KEPT + 1)
    found = Outcomes(STAMP, SMS)
    found.add(announced(), outcomes.refused(body, "wrong", "a detail", Told()), attempts=1)
    assert rows(found, "quarantine", "kind", "rule", "detail", "raw", "raw_size") == [
        ("object", "wrong", "a detail", body[:-1], len(body))
    ]
    assert rows(found, "ledger", "state", "rows_quarantined") == [("quarantined", 0)]
    assert not list(found.parts(MESSAGES.name))


def test_a_record_that_cannot_be_read_has_an_entry_of_its_own() -> None:
    record = kafka_record("landing-events", 0, 9, b"not json")
    found = Outcomes(STAMP, SMS)
    found.add_letter(DeadLetter(record, "not_a_notification", "why"), attempts=1)
    columns = ("kind", "source_identity", "kafka_topic", "kafka_partition", "kafka_offset")
    assert rows(found, "ledger", *columns, "state") == [
        ("record", record.identity, "landing-events", 0, 9, "quarantined")
    ]
    assert rows(found, "quarantine", *columns, "rule", "raw") == [
        ("record", record.identity, "landing-events", 0, 9, "not_a_notification", b"not json")
    ]


def test_the_entry_names_the_sum_of_its_rows_in_quarantine() -> None:
    found = Outcomes(STAMP, SMS)
    found.add(announced(), outcomes.loaded(PAGE, parse(PAGE), Told()), attempts=1)
    [(detail, hashed)] = rows(found, QUARANTINE.name, "detail", "row_hash")
    expected = row_hash("row", "unknown_label", detail, b"eggs,no label,,,\n".hex(), "a.csv", SHA, 2)
    assert (hashed, rows(found, "ledger", "quarantine_hash_sum")) == (expected, [(expected,)])


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X-Amz-Meta-Page": "12", "x-amz-meta-records": "100", "x-amz-meta-origin": "real"}, (12, 100, "real")),
        ({"x-amz-meta-page": "twelve", "x-amz-meta-records": "9" * 30}, (None, None, None)),
        ({}, (None, None, None)),
    ],
)
def test_an_objects_metadata_is_taken_where_it_says_something(headers: dict[str, str], expected: Any) -> None:
    told = outcomes.told_by(headers)
    assert (told.source_page, told.source_records, told.source_origin) == expected


@pytest.mark.parametrize(
    ("text", "digits", "upper_share", "named"),
    [
        ("hello there", 0, 0, set()),
        ("WIN £1000 at www.win.com", 4, 0.125, {"has_url", "has_currency"}),
        ("ÜBER 50p/msg", 2, 1 / 3, {"has_currency"}),
        ("ok.see you", 0, 0, set()),
        ("write to first.last+x@mail.example.co now", 0, 0, {"has_email"}),
        ("a @ b, me@home", 0, 0, set()),
        ("call 09061701461.", 11, 0, {"has_phone"}),
        ("+44 (0)7700 900-123", 13, 0, {"has_phone"}),
        ("text stop to 87121", 5, 0, {"has_short_code"}),
        ("(85233) or 150 ppm", 8, 0, {"has_short_code"}),
        ("£10000 and 1,234,567,890", 15, 0, {"has_currency"}),
        ("on 12345678", 8, 0, set()),
    ],
)
def test_features_describe_the_text(text: str, digits: int, upper_share: float, named: set[str]) -> None:
    found = {name: values[0].as_py() for name, values in features(pa.chunked_array([[text]])).items()}
    assert (found["length"], found["digits"]) == (len(text), digits)
    assert found["upper_share"] == pytest.approx(upper_share)
    assert {name for name, holds in found.items() if name.startswith("has_") and holds} == named


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("  Hello\u00a0\tWORLD\r\n", "hello world"),
        ("ΟΔΟΣ οδος Οδος", "οδοσ οδοσ οδοσ"),
        ("Ünlü\u2003\u3000ÜNLÜ", "ünlü ünlü"),
        ("a", "a"),
    ],
)
def test_texts_that_differ_in_nothing_that_matters_have_one_normal_form(text: str, normal: str) -> None:
    assert features(pa.chunked_array([[text]]))["text_normal"][0].as_py() == normal


@given(st.lists(st.text(st.sampled_from("aB \u00a0\t\n\x85\x0b\u2003\u3000ß")), max_size=5))
def test_white_space_of_any_kind_and_number_is_one_blank(texts: list[str]) -> None:
    found = features(pa.chunked_array([pa.array(texts, pa.string())]))["text_normal"].to_pylist()
    assert found == [" ".join(text.upper().replace("SS", "ẞ").split()).lower() for text in texts]


def test_a_decision_s_commits_say_what_was_repaired_rescued_warned_of_and_rejected() -> None:
    feed = dataclasses.replace(
        SMS, columns=(Column("n", "integer"),), names={**SMS.names, "n": "n"}, rules=(Rule("small", "n < 5", "warn"),)
    )
    body = (
        'v1,v2,,n,x\nham,"£1 ""a\\"" b",,1,more\neggs,no,,,\nham,"£2",,9,\n'.encode()
        .decode("cp1252")
        .encode("mac_roman")
    )
    found = Outcomes(STAMP, feed)
    found.add(announced(), outcomes.loaded(body, parser.parse(body, feed), Told()), attempts=1)
    one = counts.total(counts.of(table.name, part) for table in TABLES for part in found.parts(table.name))
    assert one == {
        "repairs": {"mac_roman": 2},
        "warnings": {"small": 1},
        "rejected": {"unknown_label": 1},
        "rescued": {"rows": 1},
    }
    assert counts.total([one, {}, one]) == {
        what: {rule: 2 * count for rule, count in by_rule.items()} for what, by_rule in one.items()
    }
    assert json.loads(Decision(1, "a", {}, {}, about=counts.total([one])).to_json())["about"] == one


@pytest.mark.parametrize(
    ("row", "count", "table", "most"),
    [
        ("ham,{:01000000d},,,\n", 30, MESSAGES, 7),
        ("ham,{},,,\n", 250_000, MESSAGES, 150_000),
        ("eggs,{},,,\n", 250_000, QUARANTINE, 150_000),
    ],
    ids=["long texts", "many messages", "many rejected rows"],
)
def test_what_takes_much_memory_becomes_several_parts_and_no_row_is_lost(
    row: str, count: int, table: Table, most: int
) -> None:
    body = ("v1,v2,,,\n" + "".join(map(row.format, range(count)))).encode()
    found = Outcomes(STAMP, SMS)
    found.add(announced(), outcomes.loaded(body, parse(body), Told()), attempts=1)
    parts = list(found.parts(table.name))
    assert len(parts) > 1
    assert [number for part in parts for number in part["source_row"].to_pylist()] == list(range(1, count + 1))
    assert max(part.num_rows for part in parts) <= most
    assert rows(found, "ledger", "records", "rows_loaded", "rows_quarantined") == [
        (count, count, 0) if table is MESSAGES else (count, 0, count)
    ]


def test_rows_of_many_pages_become_few_parts() -> None:
    found = Outcomes(STAMP, SMS)
    body = b"v1,v2,,,\n" + b"ham," + b"x" * 80 + b",,,\n"
    for _ in range(500):
        found.add(announced(), outcomes.loaded(body, parse(body), Told()), attempts=1)
    [part] = found.parts(MESSAGES.name)
    assert part.num_rows == 500

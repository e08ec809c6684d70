"""A row is traced to its bytes in landing; a page and an object to their rows, quarantine and version."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conf import settings
from conf.places import page_key
from conf.tables import MESSAGES
from streaming.errors import LookError
from streaming.feeds.feed import Damage, Feed
from streaming.look import report, trace
from streaming.look.landed import Landed
from streaming.page.limits import DEFAULT
from tests.sms import SMS
from tests.unit.audited import BUCKET
from tests.unit.looked import LookedAt, page

RECORDS_A_PAGE = 100
SEED = 20


def cut(body: bytes) -> Iterator[bytes]:
    """Pages as the source serves them."""
    header, *records = body.rstrip().split(b"\r\n")
    for start in range(0, len(records), RECORDS_A_PAGE):
        yield b"\r\n".join([header, *records[start : start + RECORDS_A_PAGE], b""])


@pytest.fixture(scope="module")
def export() -> bytes:
    path = settings.load().source.sms_spam_csv
    if path is None:
        pytest.skip("SMS_SPAM_CSV is not set")
    return path.read_bytes()


def test_fifty_random_rows_of_the_export_end_at_their_bytes(export: bytes, tmp_path: Path) -> None:
    lake = LookedAt(tmp_path)
    for number, content in enumerate(cut(export), 1):
        lake.load_page(number, content)
        if number % 7 == 0:
            lake.commit()
    tables, landed = lake.commit().tables(), lake.landed()
    lines = export.rstrip().split(b"\r\n")
    rows = list(tables.rows("SELECT source_key, source_row, source_part, text FROM messages ORDER BY row_hash"))
    recovered = [row for row in rows if row["source_part"]]
    for row in [*random.Random(SEED).sample(rows, 50 - len(recovered)), *recovered]:  # noqa: S311  # a sample, no secret
        found = trace.row(tables, landed, f"{row['source_key']}:{row['source_row']}:{row['source_part']}", 20)
        [one] = found["rows"]
        number = one["object"]["source_page"]
        assert (one["row"]["text"], page_key("sms", number)) == (row["text"], row["source_key"])
        # Counted from the export's own lines, of which each is a record.
        expected = lines[(number - 1) * RECORDS_A_PAGE + row["source_row"]] + b"\r\n"
        record = one["record"]
        assert (record["page"], record["raw"], record["reading"]) == ("verified", expected, "same")
        landed_page = next(
            lake.file(version).read_bytes() for version in lake.listed if version.key == row["source_key"]
        )
        assert landed_page[record["offset"] :].startswith(expected)
        assert one["table_version"] == (number - 1) // 7 + 1


@pytest.fixture
def lake(tmp_path: Path) -> LookedAt:
    lake = LookedAt(tmp_path)
    lake.load_page(1, page("first", "it's \u00a35", rejected=1))
    lake.commit()
    lake.load(page("first"), "a:b:2", version="v2")
    return lake.commit()


def traced(lake: LookedAt, address: str) -> dict[str, Any]:
    return trace.row(lake.tables(), lake.landed(), address, 20)


def test_a_row_has_its_whole_way(lake: LookedAt) -> None:
    [one] = traced(lake, "sms/page-000001.csv:2")["rows"]
    record = one["record"]
    assert (one["row"]["text"], one["object"]["source_page"], one["object"]["decision"], one["table_version"]) == (
        "it's £5",
        1,
        1,
        1,
    )
    assert (record["page"], record["raw"], record["offset"]) == (
        "verified",
        "ham,it's £5\n".encode(),
        len(b"v1,v2\nham,first\n"),
    )


def test_a_rejected_record_is_traced_as_well(lake: LookedAt) -> None:
    found = traced(lake, "sms/page-000001.csv:3")
    [one] = found["quarantine"]
    assert (found["rows_total"], one["row"]["rule"], one["record"]["raw"]) == (
        0,
        "unknown_label",
        b"eggs,not a label 0\n",
    )
    assert (one["record"]["page"], one["record"]["reading"]) == ("verified", "same")


@pytest.mark.parametrize("address", ["a:b:2:1", "a:b:2:1:0"])
def test_a_key_may_have_colons_and_numbers(lake: LookedAt, address: str) -> None:
    assert [one["row"]["source_key"] for one in traced(lake, address)["rows"]] == ["a:b:2"]


@pytest.mark.parametrize("address", ["", "key", "key:", "key:x", ":1"])
def test_what_is_no_address_is_refused_with_an_example(lake: LookedAt, address: str) -> None:
    with pytest.raises(LookError, match=r"names no row\. Write it as KEY:ROW"):
        traced(lake, address)


@pytest.mark.parametrize(
    ("text", "rows", "entries"), [("first", 2, 0), ("it's", 1, 0), ("not a label", 0, 1), ("nowhere", 0, 0)]
)
def test_a_text_is_found_in_rows_and_in_quarantine(lake: LookedAt, text: str, rows: int, entries: int) -> None:
    found = trace.text(lake.tables(), lake.landed(), text, 20)
    assert (found["rows_total"], len(found["rows"]), found["quarantine_total"]) == (rows, rows, entries)


@pytest.mark.parametrize(
    ("feed", "saved"),
    [
        (SMS, "caf\u00e9".encode()),
        (SMS, "caf\u00e9".encode("mac_roman")),
        # UTF-8 that was read as cp1252: the feed's declared damage.
        (SMS, "caf\u00c3\u00a9".encode("mac_roman")),
        (replace(SMS, damages=(Damage("old", "latin-1", "cp850"),)), "caf\u00e9".encode("cp850")),
    ],
)
def test_a_text_is_found_in_what_quarantine_keeps_as_the_feed_may_save_it(
    tmp_path: Path, feed: Feed, saved: bytes
) -> None:
    lake = LookedAt(tmp_path, feed)
    lake.load(b"v1,v2\neggs," + saved + b"\n", "old.csv")
    found = trace.text(lake.commit().tables(), lake.landed(), "caf\u00e9", 20)
    assert found["quarantine_total"] == 1


def test_a_text_that_is_not_utf_8_is_refused(lake: LookedAt) -> None:
    typed = b"caf\xe9".decode("utf-8", "surrogateescape")
    with pytest.raises(LookError, match=r"'caf\\udce9' is not UTF-8: its character 4 is a byte of another encoding\."):
        trace.text(lake.tables(), lake.landed(), typed, 20)


def test_counts_are_of_all_where_fewer_are_shown(lake: LookedAt) -> None:
    found = trace.text(lake.tables(), lake.landed(), "first", 1)
    assert (found["rows_total"], len(found["rows"])) == (2, 1)
    assert report.traced(found).endswith("(1 of 2 rows: --limit)")


def test_other_bytes_in_landing_are_not_taken_for_the_rows(lake: LookedAt) -> None:
    lake.file(lake.listed[0]).write_bytes(page("first", "it's \u00a36", rejected=1))
    [one] = traced(lake, "sms/page-000001.csv:1")["rows"]
    assert (one["record"]["page"], one["record"]["raw"]) == ("changed", None)
    assert "NOT VERIFIED: landing has other bytes" in report.traced(traced(lake, "sms/page-000001.csv:1"))


def test_a_page_that_is_gone_is_named(lake: LookedAt) -> None:
    lake.file(lake.listed[0]).unlink()
    [one] = traced(lake, "sms/page-000001.csv:1")["rows"]
    assert (one["record"]["page"], one["record"]["detail"]) == ("gone", "landing no longer has this version (vanished)")


def test_a_row_that_todays_parser_reads_otherwise_is_told_so(tmp_path: Path) -> None:
    lake = LookedAt(tmp_path)
    lake.load_page(1, page("a"))
    lake.messages[0]["text"] = "what an older cleaner made of it"
    [one] = traced(lake.commit(), "sms/page-000001.csv:1")["rows"]
    assert (one["record"]["page"], one["record"]["reading"], one["record"]["raw"]) == (
        "verified",
        "differs",
        b"ham,a\n",
    )


def test_a_page_is_traced_to_its_rows_quarantine_and_version(lake: LookedAt) -> None:
    [one] = trace.page(lake.tables(), 1, 20)["objects"]
    assert [row["text"] for row in one["rows"]] == ["first", "it's £5"]
    assert [entry["rule"] for entry in one["quarantine"]] == ["unknown_label"]
    assert (one["object"]["source_key"], one["table_version"]) == (page_key("sms", 1), 1)


def test_an_object_is_traced_in_each_of_its_versions(lake: LookedAt) -> None:
    lake.load(page("again"), "a:b:2", version="v3")
    lake.load(b"\x1f\x8b", "a:b:2", version="v4")
    found = trace.key(lake.commit().tables(), "a:b:2", 20)
    assert [
        (one["object"]["source_version"], one["object"]["state"], one["table_version"]) for one in found["objects"]
    ] == [
        ("v2", "loaded", 2),
        ("v3", "loaded", 3),
        ("v4", "quarantined", None),
    ]
    assert [[row["text"] for row in one["rows"]] for one in found["objects"]] == [["first"], ["again"], []]


@pytest.mark.parametrize("ask", [lambda tables: trace.page(tables, 99, 20), lambda tables: trace.key(tables, "x", 20)])
def test_what_the_ledger_does_not_know_is_named(lake: LookedAt, ask: Any) -> None:
    with pytest.raises(LookError, match=r"The ledger has no entry of (page 99|object 'x')"):
        ask(lake.tables())


def test_one_page_is_fetched_once_for_all_its_rows(lake: LookedAt) -> None:
    fetched = []

    def fetch(version: Any) -> Any:
        fetched.append(version.key)
        return lake.fetch(version)

    trace.text(lake.tables(), Landed(fetch, BUCKET, SMS, DEFAULT), "i", 20)
    assert sorted(fetched) == ["a:b:2", page_key("sms", 1)]


def test_the_table_is_as_it_was(lake: LookedAt) -> None:
    before = lake.place.open(MESSAGES).version()
    traced(lake, "sms/page-000001.csv:1")
    assert lake.place.open(MESSAGES).version() == before

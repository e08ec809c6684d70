"""`--deep`: a row whose hash is not that of what it holds is found and named, and one that was written so is not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from streaming.rows.outcomes import unread
from tests.unit.audited import Lake, Row, page

OBJECT = "a.csv version v1"
LETTER = "landing-events-0 offset 7"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """An object with messages and a rejected row, one that is refused, one that is never read, and a dead letter: decided."""
    made = Lake(tmp_path)
    made.load(page("one", "&amp; two £", "three", rejected=1), "a.csv")
    made.load(b"", "empty.csv")
    made.decide(made.land(b"far too long", "large.csv"), unread(12, "too_large", "12 bytes are more than 5"))
    made.load_letter(b"no notification")
    return made


def swap_texts(lake: Lake) -> None:
    first, second = lake.messages[0], lake.messages[1]
    first["text"], second["text"] = second["text"], first["text"]


def swap_bytes(lake: Lake) -> None:
    rejected_row(lake)["raw"] = b"eggs,not a label 1\n"


def rejected_row(lake: Lake) -> Row:
    [row] = [row for row in lake.rejected if row["kind"] == "row"]
    return row


def letter(lake: Lake) -> Row:
    [row] = [row for row in lake.rejected if row["kind"] == "record"]
    return row


def test_rows_that_hold_what_was_written_are_clean(lake: Lake) -> None:
    assert lake.commit().audit(deep=True).findings == ()


def test_two_texts_that_were_swapped_are_found_by_their_hashes_alone(lake: Lake) -> None:
    swap_texts(lake)
    lake.commit()
    assert lake.findings() == []
    found = lake.audit(deep=True)
    detail = "row {}, part 0 in messages: its row_hash is not that of what it holds"
    assert found.findings == tuple(("row_hash", OBJECT, detail.format(row)) for row in (1, 2))
    assert not found.clean


@pytest.mark.parametrize("column", ["label", "text", "text_raw", "repair", "rescued", "content_sha256"])
def test_a_message_with_another_value_is_named(lake: Lake, column: str) -> None:
    lake.messages[0][column] = "another"
    assert lake.commit().findings(deep=True) == [("row_hash", OBJECT)]


def test_rejected_bytes_that_were_changed_are_named(lake: Lake) -> None:
    swap_bytes(lake)
    lake.commit()
    assert lake.findings() == []
    assert lake.findings(deep=True) == [("row_hash", OBJECT)]


@pytest.mark.parametrize("raw", [None, b"", b"no notif"])
def test_a_dead_letter_without_its_bytes_is_named(lake: Lake, raw: bytes | None) -> None:
    letter(lake)["raw"] = raw
    assert lake.commit().findings(deep=True) == [("bytes_missing", LETTER), ("row_hash", LETTER)]


def older(row: Row) -> Row:
    """The same row as version 0.1 wrote it, without hash."""
    return row | {"row_hash": None}


@pytest.mark.parametrize("damage", [lambda _: None, swap_bytes])
def test_a_row_without_a_hash_is_left_out(lake: Lake, damage: Callable[[Lake], None]) -> None:
    damage(lake)
    lake.rejected[:] = map(older, lake.rejected)
    for entry in lake.entries:
        entry["quarantine_hash_sum"] = None
    assert lake.commit().findings(deep=True) == []

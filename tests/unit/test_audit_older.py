"""Rows of version 0.1, which was taken over: without decision, bucket, topic and content hash they are told apart all the same."""

from pathlib import Path

import pytest

from conf.places import page_key
from streaming.rows.digest import row_hash
from tests.unit.audited import DATASET, TOPIC, Lake, Row, page

KEY = page_key(DATASET, 1)
OBJECT = f"{KEY} version v1"
LETTER = f"{TOPIC}-0 offset 7"
NEW = ("decision", "source_identity", "source_bucket", "content_sha256", "kafka_topic")
TOLD = ("source_page", "source_records", "source_sha256", "source_dataset", "source_origin")
HASHED = ("label", "text", "text_raw", "repair", "rescued", "source_key", "source_version", "source_row", "source_part")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Page 1, a bad object and a dead letter, taken over as decision 1; and an object of this version as decision 2."""
    made = Lake(tmp_path)
    made.load_page(1, page("one", "two", rejected=1))
    made.load(b"", "empty.csv")
    made.load_letter(b"no notification")
    made.messages[:] = map(older_message, made.messages)
    made.rejected[:] = map(older_rejected, made.rejected)
    made.entries[:] = [older_entry(row, made.messages) for row in made.entries]
    return made


def older_entry(row: Row, messages: list[Row]) -> Row:
    """As the takeover makes it: with its sum over messages, and what only the object's metadata would tell left out."""
    row = row | dict.fromkeys((*TOLD, "quarantine_hash_sum"))
    row["hash_sum"] = sum(one["row_hash"] for one in messages if one["source_key"] == row["source_key"])
    return row if row["kind"] == "record" else row | {"content_sha256": None}


def older_message(row: Row) -> Row:
    row = row | dict.fromkeys(NEW)
    return row | {"row_hash": row_hash(*(row[name] for name in HASHED))}


def older_rejected(row: Row) -> Row:
    row = row | dict.fromkeys((*NEW, "row_hash"))
    if row["kind"] != "record":
        return row
    return row | {"kind": "notification", "detail": f"{TOPIC}: ValueError: no JSON: at all"}


def of_this_version(lake: Lake) -> Lake:
    """What was taken over is decision 1; decision 2 follows."""
    lake.commit()
    lake.load(page("three", rejected=1), "new.csv")
    lake.load_letter(b"another one", offset=8)
    return lake.commit()


def test_what_was_taken_over_is_clean(lake: Lake) -> None:
    assert lake.messages[0]["decision"] is None
    found = of_this_version(lake).audit(deep=True)
    assert (found.findings, found.rows, found.dead_letters) == ((), 3, 2)


def test_its_damage_is_named(lake: Lake) -> None:
    del lake.messages[0]
    lake.rejected.append(dict(lake.rejected[0]))
    assert of_this_version(lake).findings() == [("rejected", OBJECT), ("rows", OBJECT)]


def test_its_swapped_texts_are_named(lake: Lake) -> None:
    lake.messages[0]["text"], lake.messages[1]["text"] = "two", "one"
    assert of_this_version(lake).findings(deep=True) == [("row_hash", OBJECT), ("row_hash", OBJECT)]


def test_its_dead_letter_that_is_not_kept_is_named(lake: Lake) -> None:
    del lake.rejected[-1]
    assert of_this_version(lake).findings() == [("refused", LETTER)]


def test_its_dead_letter_without_its_bytes_is_named(lake: Lake) -> None:
    lake.rejected[-1]["raw"] = b"no noti"
    assert of_this_version(lake).findings(deep=True) == [("bytes_missing", LETTER)]


def test_its_rows_that_no_entry_knows_are_named(lake: Lake) -> None:
    lake.messages.append(lake.messages[0] | {"source_version": "v0"})
    assert of_this_version(lake).findings() == [("unknown_rows", f"{KEY} version v0")]


def test_its_pages_are_known_by_their_keys(lake: Lake) -> None:
    lake.confirm(2, page("never landed"))
    assert of_this_version(lake).findings() == [("unlanded", f"page 2 ({page_key(DATASET, 2)})")]

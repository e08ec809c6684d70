"""Served = landed = decided: every confirmed page lies in landing with its bytes, and every object version has an outcome."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from conf.places import page_key
from streaming.audit import sheets
from streaming.events.course import ANNOUNCED_WITHIN
from streaming.rows.outcomes import Outcome, Told, unread
from tests.sms import SMS
from tests.unit.audited import DATASET, NOW, Lake, page

KEYS = {number: page_key(DATASET, number) for number in range(1, 4)}
PAGE_2 = f"page 2 ({KEYS[2]})"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Page 1 has landed and is decided."""
    made = Lake(tmp_path)
    made.load_page(1, page("one"))
    return made


def test_pages_that_have_landed_are_clean(lake: Lake) -> None:
    lake.load_page(2, b"no page at all")
    found = lake.commit().audit(deep=True)
    assert (found.findings, found.unlanded, found.landed) == ((), 0, 2)


def test_a_page_that_is_confirmed_and_has_not_landed_is_named(lake: Lake) -> None:
    lake.confirm(2, page("two"))
    found = lake.commit().audit()
    assert [(one.what, one.who) for one in found.findings] == [("unlanded", PAGE_2)]
    assert (found.unlanded, found.clean) == (1, False)


def test_pages_outside_the_feeds_folder_are_counted_and_not_missed(tmp_path: Path) -> None:
    lake = Lake(tmp_path, replace(SMS, prefix="avis/"))
    lake.confirm(1, page("one"))
    lake.confirm(2, page("two"))
    lake.load(page("three"), "avis/a.csv")
    found = lake.commit().audit(deep=True)
    assert (found.findings, found.unlanded, found.not_of_feed, found.landed) == ((), 0, 2, 1)


def test_pages_in_the_feeds_folder_are_missed_as_ever(tmp_path: Path) -> None:
    lake = Lake(tmp_path, replace(SMS, prefix=f"{DATASET}/"))
    lake.load_page(1, page("one"))
    lake.confirm(2, page("two"))
    found = lake.commit().audit()
    assert [(one.what, one.who) for one in found.findings] == [("unlanded", PAGE_2)]
    assert (found.unlanded, found.not_of_feed) == (1, 0)


def test_a_page_that_has_landed_with_other_bytes_is_named(lake: Lake) -> None:
    sent = lake.confirm(2, page("two"))
    lake.load(page("TWO"), KEYS[2], Told(source_page=2, source_sha256=sent, source_dataset=DATASET))
    found = lake.commit().audit()
    assert [(one.what, one.who) for one in found.findings] == [("other_bytes", PAGE_2)]
    assert found.unlanded == 0


def test_a_page_whose_object_was_gone_before_it_was_read_is_named(lake: Lake) -> None:
    lake.confirm(2, page("two"))
    lake.decide(lake.land(page("two"), KEYS[2]), Outcome("vanished"))
    assert lake.commit().findings() == [("unlanded", PAGE_2)]


def test_one_version_with_the_right_bytes_is_enough(lake: Lake) -> None:
    lake.load_page(2, page("two"))
    lake.load(page("TWO"), KEYS[2], version="v2")
    assert lake.commit().audit().clean


def test_a_page_that_lies_under_another_key_is_known_by_its_description(lake: Lake) -> None:
    sent = lake.confirm(2, page("two"))
    lake.load(page("two"), "elsewhere.csv", Told(source_page=2, source_sha256=sent, source_dataset=DATASET))
    assert lake.commit().audit().clean


def test_a_page_of_another_dataset_is_another_page(lake: Lake) -> None:
    sent = lake.confirm(2, page("two"))
    lake.load(page("two"), "elsewhere.csv", Told(source_page=2, source_sha256=sent, source_dataset="another"))
    assert lake.commit().findings() == [("unlanded", PAGE_2)]


def test_a_page_that_could_not_be_read_has_landed_all_the_same(lake: Lake) -> None:
    lake.confirm(2, page("two"))
    lake.decide(lake.land(page("two"), KEYS[2]), unread(7, "too_large", "7 bytes are more than 5"))
    assert lake.commit().audit(deep=True).clean


def test_a_page_that_waits_to_be_decided_has_landed(lake: Lake) -> None:
    lake.confirm(2, page("two"))
    waiting = lake.land(page("two"), KEYS[2])
    lake.waits = {waiting.identity}
    found = lake.commit().audit()
    assert (found.clean, found.pending, found.landed) == (True, 1, 2)


def test_an_object_that_nobody_was_told_of_is_named(lake: Lake) -> None:
    lake.land(page("two"), "forgotten.csv")
    lake.land(page("two"), "fresh.csv")
    lake.listed[-1] = replace(lake.listed[-1], landed_at=NOW - ANNOUNCED_WITHIN + timedelta(seconds=1))
    found = lake.commit().audit()
    assert [(one.what, one.who) for one in found.findings] == [("unaccounted", "forgotten.csv version v1")]
    assert (found.unaccounted, found.pending, found.clean) == (1, 1, False)


def test_another_version_of_a_decided_object_is_an_object_of_its_own(lake: Lake) -> None:
    lake.land(page("two"), KEYS[1], version="v2")
    assert lake.commit().findings() == [("unaccounted", f"{KEYS[1]} version v2")]


def test_behind_a_long_queue_nothing_is_called_forgotten(lake: Lake) -> None:
    lake.land(page("two"), "somewhere in the queue.csv")
    lake.waits = None
    found = lake.commit().audit()
    assert (found.clean, found.pending) == (True, 1)


@pytest.mark.parametrize("rows", [1, 2, 1000])
def test_lists_in_any_number_of_files_are_compared_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(sheets, "ROWS", rows)
    lake = Lake(tmp_path)
    for number in (1, 2, 3):
        lake.load_page(number, page(f"text {number}"))
    lake.commit()
    lake.confirm(4, page("not landed"))
    lake.confirm(5, page("waits"))
    lake.confirm(6, page("waits as well"))
    for number in (5, 6):
        lake.land(b"", page_key(DATASET, number))
    lake.waits = {lake.listed[-1].identity}
    found = lake.audit()
    assert [(one.what, one.who) for one in found.findings] == [
        ("unaccounted", f"{page_key(DATASET, 5)} version v1"),
        ("unlanded", f"page 4 ({page_key(DATASET, 4)})"),
    ]
    assert (found.landed, found.pending, found.unaccounted) == (5, 1, 1)


def test_keys_and_folders_with_quotation_marks_are_taken_as_they_are(tmp_path: Path) -> None:
    folder = tmp_path / "it's a folder"
    folder.mkdir()
    lake = Lake(folder)
    lake.load(page("two"), 'it\'s "a" key;--.csv')
    lake.land(page("two"), "it''s another")
    assert lake.commit().findings() == [("unaccounted", "it''s another version v1")]

"""The position store: every page to one client, remembered before it is sent."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from source_api.errors import StoreConflictError
from source_api.pages import Page
from source_api.positions import Counts, Positions, Terms

TERMS = Terms("sample", "real", None, "0" * 64, 10)


def ten_from(first: int) -> Page:
    """Ten records of an endless dataset."""
    return Page(first, 10, b"page from %d" % first)


def of_twenty(first: int) -> Page | None:
    return ten_from(first) if first < 20 else None


def test_the_same_key_gets_the_same_page_and_a_new_key_the_next(tmp_path: Path) -> None:
    positions = Positions(tmp_path / "positions.sqlite")
    taken = [positions.take(key, ten_from) for key in ("a", "b", "a", "b")]
    assert [place and (place.number, place.key, place.first_record) for place in taken] == [
        (1, "a", 0),
        (2, "b", 10),
        (1, "a", 0),
        (2, "b", 10),
    ]
    positions.close()


def test_when_nothing_is_left_the_key_stays_unused(tmp_path: Path) -> None:
    positions = Positions(tmp_path / "positions.sqlite")
    numbers = [place.number if (place := positions.take(key, of_twenty)) else None for key in ("a", "b", "c", "a")]
    assert numbers == [1, 2, None, 1]
    assert positions.take("c", ten_from) == (3, "c", 20, 10, 12, ten_from(20).sha256)
    positions.close()


def test_pages_are_counted_by_what_became_of_them(tmp_path: Path) -> None:
    positions = Positions(tmp_path / "positions.sqlite")
    assert positions.counts() == Counts(served=0, confirmed=0, unconfirmed=0, elsewhere=0, records=0, next_record=0)
    for key in "abcd":
        positions.take(key, ten_from)
    for number in (3, 1, 1):
        positions.confirm(number)
    assert positions.counts() == Counts(served=4, confirmed=2, unconfirmed=2, elsewhere=0, records=40, next_record=40)
    positions.close()


def numbers(positions: Positions, *, confirmed: bool) -> list[int]:
    return [place.number for place in positions.listed(confirmed=confirmed, after=0, limit=9)]


def test_pages_that_an_earlier_version_gave_away_without_a_key_count_as_served_elsewhere(tmp_path: Path) -> None:
    positions = Positions(tmp_path / "positions.sqlite")
    positions.take("a", ten_from)
    with sqlite3.connect(tmp_path / "positions.sqlite") as book:
        book.execute(
            "INSERT INTO pages VALUES (2, NULL, 10, 10, 12, ?, 0), (3, NULL, 20, 10, 12, ?, 1)", ["0" * 64] * 2
        )
    book.close()
    positions.take("b", ten_from)
    positions.confirm(4)
    assert positions.counts() == Counts(served=4, confirmed=1, unconfirmed=1, elsewhere=2, records=20, next_record=40)
    assert (numbers(positions, confirmed=True), numbers(positions, confirmed=False)) == ([4], [1])
    positions.close()


def test_positions_terms_and_confirmations_outlive_the_process(tmp_path: Path) -> None:
    before = Positions(tmp_path / "positions.sqlite")
    before.settle(TERMS)
    before.take("a", ten_from)
    before.take("b", ten_from)
    before.confirm(2)
    after = Positions(tmp_path / "positions.sqlite")  # the first one was never closed, as after kill -9
    assert after.terms() == TERMS
    assert after.take("a", ten_from) == before.place(1)
    assert after.counts() == Counts(served=2, confirmed=1, unconfirmed=1, elsewhere=0, records=20, next_record=20)
    before.close()
    after.close()


def test_threads_of_two_processes_never_share_a_page(tmp_path: Path) -> None:
    stores = [Positions(tmp_path / "positions.sqlite") for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:
        places = list(pool.map(lambda index: stores[index % 2].take(f"key {index // 2}", ten_from), range(80)))
    by_key = {place.key: place for place in places if place}
    assert len(by_key) == 40
    assert sorted(place.first_record for place in by_key.values()) == list(range(0, 400, 10))
    assert all(place == by_key[place.key] for place in places if place)
    for store in stores:
        store.close()


def test_a_failed_page_leaves_the_position_where_it_was(tmp_path: Path) -> None:
    positions = Positions(tmp_path / "positions.sqlite")

    def broken(_: int) -> Page:
        raise MemoryError

    with pytest.raises(MemoryError):
        positions.take("a", broken)
    assert positions.take("b", ten_from) == (1, "b", 0, 10, 11, ten_from(0).sha256)
    positions.close()


def test_a_file_that_is_no_store_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "positions.sqlite").write_text("this is no database, and long enough to be seen as none" * 20)
    with pytest.raises(StoreConflictError, match=r"positions\.sqlite: file is not a database"):
        Positions(tmp_path / "positions.sqlite")

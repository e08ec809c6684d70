"""Housekeeping keeps files and logs small, and changes no row and no version that somebody may travel to."""

import json
import os
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import obstore
import pytest
from deltalake import DeltaTable
from obstore.exceptions import GenericError

from conf.tables import LEDGER, MESSAGES, TABLES, Table
from streaming.ledger import housekeeping
from streaming.ledger.place import Place
from tests.unit.decided import books_of, enter, keys_in, place_in


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Sixty decisions, looked at every ten, at most twenty files."""
    monkeypatch.setattr(housekeeping, "EVERY", 10)
    monkeypatch.setattr(housekeeping, "FILES", 20)
    place = place_in(tmp_path / "delta")
    books = books_of(place, tmp_path / "index")
    for number in range(60):
        enter(place, books, f"{number:02d}", quarantined=number % 2 == 1)
    return place


def test_files_are_merged_and_no_row_changes(place: Place) -> None:
    assert [len(place.open(table).file_uris()) <= 20 for table in TABLES] == [True] * 3
    assert keys_in(place, LEDGER) == [f"{number:02d}" for number in range(60)]
    assert keys_in(place, MESSAGES) == [f"{number:02d}" for number in range(0, 60, 2)]


def test_a_reader_begins_at_a_checkpoint_near_the_end(place: Place, tmp_path: Path) -> None:
    for table in TABLES:
        last = json.loads((tmp_path / "delta" / table.name / "_delta_log" / "_last_checkpoint").read_text())
        assert 0 <= place.open(table).version() - last["version"] <= housekeeping.EVERY


def test_versions_without_new_rows_say_so_and_all_can_be_travelled_to(place: Place, tmp_path: Path) -> None:
    made = {commit["version"]: commit["operation"] for commit in place.open(MESSAGES).history()}
    rows = [DeltaTable(tmp_path / "delta" / "messages", version=version).count() for version in sorted(made)]
    assert rows[-1] == 30
    for version, operation in made.items():
        if version:
            assert rows[version] - rows[version - 1] == {"OPTIMIZE": 0, "WRITE": 1}[operation]
    assert "OPTIMIZE" in made.values()


def test_the_more_a_checkpoint_names_the_later_comes_the_next(place: Place, tmp_path: Path) -> None:
    log = tmp_path / "delta" / "messages" / "_delta_log"
    version = place.open(MESSAGES).version() + 1
    # What a table has behind it that was compacted for long: files that only earlier versions need.
    (log / f"{version:020d}.json").write_text("\n".join(json.dumps({"remove": replaced(n)}) for n in range(3000)))
    books = books_of(place, tmp_path / "index")
    for number in range(200):
        enter(place, books, f"later-{number}")
    made = sorted(int(file.name[:20]) for file in log.glob("*.checkpoint.parquet"))
    # The first after it names all of them. From then on, at the first look after a hundredth as many commits.
    apart = [late - early for early, late in pairwise(made) if early > version]
    assert apart
    assert all(30 <= one <= 30 + 2 * housekeeping.EVERY for one in apart), made


def replaced(number: int) -> dict[str, Any]:
    now = int(time.time() * 1000)
    return {"path": f"{number}.parquet", "deletionTimestamp": now, "dataChange": False, "size": 1}


@pytest.mark.parametrize(
    "hint", ["{", "null", "[]", '{"version": 1}', '{"version": null, "size": 1}', '{"version": 1, "size": 1e999}']
)
def test_a_hint_that_no_reader_can_use_is_replaced(place: Place, tmp_path: Path, hint: str) -> None:
    file = tmp_path / "delta" / "messages" / "_delta_log" / "_last_checkpoint"
    file.write_text(hint)
    books = books_of(place, tmp_path / "index")
    for number in range(10):
        enter(place, books, f"later-{number}")
    assert json.loads(file.read_text())["version"] > 30


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tables that were opened, each as often as it was."""
    names = list[str]()

    def opening(self: Place, table: Table) -> DeltaTable:
        names.append(table.name)
        return self.address(table).open()

    monkeypatch.setattr(Place, "open", opening)
    return names


def test_what_is_new_is_read_and_not_what_lies_behind_the_last_checkpoint(
    place: Place, tmp_path: Path, opened: list[str]
) -> None:
    books = books_of(place, tmp_path / "index")
    opened.clear()
    for number in range(100):
        enter(place, books, f"later-{number}")
    assert sorted(opened) == sorted(table.name for table in TABLES)


def test_a_compaction_leaves_the_log_alone(place: Place, tmp_path: Path) -> None:
    log, old = tmp_path / "delta" / "ledger" / "_delta_log", time.time() - 30 * 86_400
    for commit in log.iterdir():
        os.utime(commit, (old, old))
    before, books = place.open(LEDGER).version(), books_of(place, tmp_path / "index")
    for number in range(60, 100):
        enter(place, books, f"{number:02d}")
    later = [commit["operation"] for commit in place.open(LEDGER).history() if commit["version"] > before]
    assert "OPTIMIZE" in later
    assert (log / f"{0:020d}.json").exists()


def test_the_ledger_loses_what_is_older_than_its_retention(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, ledger = time.time(), tmp_path / "delta" / "ledger"
    for commit in (ledger / "_delta_log").iterdir():
        os.utime(commit, (now - 30 * 86_400,) * 2)
    days = {"left.parquet": 30, "three-days.parquet": 3, "new.parquet": 0}
    for name, age in days.items():
        (ledger / name).write_bytes(b"of no commit")
        os.utime(ledger / name, (now - age * 86_400,) * 2)
    monkeypatch.setattr(housekeeping, "SELDOM", 60)
    books = books_of(place, tmp_path / "index")
    for number in range(60, 100):
        enter(place, books, f"{number:02d}", quarantined=False)
    assert not (ledger / "_delta_log" / f"{0:020d}.json").exists()
    assert [name for name in days if (ledger / name).exists()] == ["three-days.parquet", "new.parquet"]
    assert len(keys_in(place, LEDGER)) == 100


def test_a_failure_is_put_off_and_ends_nothing(place: Place, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "delta" / "quarantine" / "_delta_log" / "_last_checkpoint").write_text("{")
    books = books_of(place, tmp_path / "index")
    (tmp_path / "delta" / "quarantine").rename(tmp_path / "away")
    for number in range(10):
        housekeeping.Housekeeping(place).after(number)
    (tmp_path / "away").rename(tmp_path / "delta" / "quarantine")
    assert any("housekeeping of quarantine is put off" in record.getMessage() for record in caplog.records)
    enter(place, books, "goes on")


def test_after_a_failure_of_the_store_each_table_is_opened_anew(
    place: Place, opened: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    regular, every = housekeeping.Housekeeping(place), housekeeping.EVERY
    opened.clear()
    with monkeypatch.context() as away:
        away.setattr(obstore, "get", refuse)
        for number in range(every, 2 * every):
            regular.after(number)
    assert sum("is put off: the store is away" in record.getMessage() for record in caplog.records) == len(TABLES)
    for number in range(2 * every, 4 * every):
        regular.after(number)
    assert sorted(opened) == sorted(table.name for table in TABLES for _ in range(2))


def refuse(*_: object) -> None:
    raise GenericError("the store is away")

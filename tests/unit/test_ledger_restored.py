"""Tables of different moments: rolled forward where the files are there, otherwise refused by name."""

import shutil
from pathlib import Path

import pytest

from conf.tables import LEDGER, MESSAGES, QUARANTINE, TABLES, Table
from streaming.ledger.decisions import LedgerError
from streaming.ledger.ensure import ensure
from streaming.ledger.place import Place
from tests.sms import SMS
from tests.unit.decided import books_of, enter, keys_in, place_in


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Decisions about a (loaded), b (refused), c (loaded), d (refused); a backup was made after b."""
    place = place_in(tmp_path / "delta")
    books = books_of(place, tmp_path / "index")
    enter(place, books, "a")
    enter(place, books, "b", quarantined=True)
    shutil.copytree(tmp_path / "delta", tmp_path / "backup")
    enter(place, books, "c")
    enter(place, books, "d", quarantined=True)
    return place


def restore(tmp_path: Path, table: Table, *, log_only: bool) -> None:
    """Put the table back to the backup: its log alone, or with its files."""
    folder, backup = tmp_path / "delta" / table.name, tmp_path / "backup" / table.name
    shutil.rmtree(folder / "_delta_log" if log_only else folder)
    shutil.copytree(backup / "_delta_log" if log_only else backup, folder / "_delta_log" if log_only else folder)


@pytest.mark.parametrize("table", [MESSAGES, QUARANTINE])
def test_a_table_whose_log_is_older_is_rolled_forward(place: Place, tmp_path: Path, table: Table) -> None:
    expected = keys_in(place, table)
    restore(tmp_path, table, log_only=True)
    assert keys_in(place, table) != expected
    books_of(place, tmp_path / "index")
    assert keys_in(place, table) == expected


@pytest.mark.parametrize("table", [MESSAGES, QUARANTINE])
def test_a_table_that_is_older_with_its_files_is_refused_by_name(place: Place, tmp_path: Path, table: Table) -> None:
    restore(tmp_path, table, log_only=False)
    with pytest.raises(LedgerError, match=rf"{table.name} lacks decision \d, and 1 of its files are gone"):
        books_of(place, tmp_path / "index")


def test_a_ledger_that_is_older_than_the_others_is_refused(place: Place, tmp_path: Path) -> None:
    restore(tmp_path, LEDGER, log_only=False)
    with pytest.raises(LedgerError, match="messages has decision 3, the ledger ends at 2"):
        books_of(place, tmp_path / "index")


def test_a_ledger_of_another_history_is_refused(place: Place, tmp_path: Path) -> None:
    backup = Place(str(tmp_path / "backup"))
    books = books_of(backup, tmp_path / "other")
    for key in ("x", "y", "z"):
        enter(backup, books, key)
    restore(tmp_path, LEDGER, log_only=False)
    with pytest.raises(LedgerError, match="Decision 3 of the table messages is not the ledger's"):
        books_of(place, tmp_path / "index")


def test_all_three_of_one_backup_go_on(place: Place, tmp_path: Path) -> None:
    for table in TABLES:
        restore(tmp_path, table, log_only=False)
    books = books_of(place, tmp_path / "index")
    enter(place, books, "c")
    assert keys_in(place, LEDGER) == ["a", "b", "c"]


def test_without_a_ledger_beside_rows_nothing_is_made(place: Place, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "delta" / "ledger")
    with pytest.raises(LedgerError, match="There is no ledger, but rows in messages and quarantine"):
        ensure(place, SMS)
    assert place.opened(LEDGER) is None


def test_a_ledger_made_anew_beside_old_tables_is_refused(place: Place, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "delta" / "ledger")
    place.create(LEDGER)
    ensure(place, SMS)
    with pytest.raises(LedgerError, match="messages does not belong to this ledger"):
        books_of(place, tmp_path / "index")

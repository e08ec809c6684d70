"""Housekeeping keeps files and logs small, and changes no row and no version that somebody may travel to."""

import json
import os
import time
from pathlib import Path

import pytest
from deltalake import DeltaTable

from conf.tables import LEDGER, MESSAGES, TABLES
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


def test_the_ledger_loses_what_is_older_than_its_retention(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, log = time.time() - 30 * 86_400, tmp_path / "delta" / "ledger" / "_delta_log"
    for commit in log.iterdir():
        os.utime(commit, (old, old))
    left_over, just_written = (
        tmp_path / "delta" / "ledger" / "left.parquet",
        tmp_path / "delta" / "ledger" / "new.parquet",
    )
    for file in (left_over, just_written):
        file.write_bytes(b"of no commit")
    os.utime(left_over, (old, old))
    monkeypatch.setattr(housekeeping, "SELDOM", 60)
    # A compaction cleans up as well, whatever its hooks are told (measured with delta-rs 1.6.6); here nothing is merged.
    monkeypatch.setattr(housekeeping, "FILES", 1000)
    books = books_of(place, tmp_path / "index")
    for number in range(60, 80):
        enter(place, books, f"{number:02d}", quarantined=False)
    assert not (log / f"{0:020d}.json").exists()
    assert (left_over.exists(), just_written.exists()) == (False, True)
    assert len(keys_in(place, LEDGER)) == 80


def test_a_failure_is_put_off_and_ends_nothing(place: Place, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "delta" / "quarantine" / "_delta_log" / "_last_checkpoint").write_text("{")
    books = books_of(place, tmp_path / "index")
    (tmp_path / "delta" / "quarantine").rename(tmp_path / "away")
    for number in range(10):
        housekeeping.Housekeeping(place).after(number)
    (tmp_path / "away").rename(tmp_path / "delta" / "quarantine")
    assert any("housekeeping of quarantine is put off" in record.getMessage() for record in caplog.records)
    enter(place, books, "goes on")

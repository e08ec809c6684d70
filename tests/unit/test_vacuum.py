"""A vacuum deletes what nobody needs, and neither a kill, nor a pin at the same moment, makes it delete more."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import obstore
import pytest
from deltalake import DeltaTable
from obstore.store import ObjectStore

from conf.tables import MESSAGES, QUARANTINE
from conf.versions import history, pins, readable, vacuumed
from conf.versions.address import Address
from conf.versions.pins import Pin
from conf.versions.readable import VersionError
from streaming.events import control
from streaming.events.intake import Sources, take_in
from streaming.events.records import VacuumAsked, kafka_record
from streaming.ledger import housekeeping, vacuum
from streaming.ledger.housekeeping import compact
from streaming.ledger.place import Place
from tests.unit.aged import age, age_files
from tests.unit.decided import books_of, decision, enter, keys_in, place_in

YEARS, MONTH = timedelta(days=1000), timedelta(days=30)
NOW = datetime.now(UTC)
KEYS = [f"{number:02d}" for number in range(9)]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """`messages` has the versions 1 to 4 (a row each), 5 (compaction), 6 to 9 (a row each), 10 (compaction), 11 (a row)."""
    monkeypatch.setattr(housekeeping, "FILES", 1)
    place = place_in(tmp_path / "delta")
    books = books_of(place, tmp_path / "index")
    for keys in (KEYS[:4], KEYS[4:8]):
        for key in keys:
            enter(place, books, key)
        compact(place.open(MESSAGES))
    enter(place, books, KEYS[8])
    age_files(tmp_path / "delta" / "messages", YEARS)
    return place


@pytest.fixture
def messages(place: Place) -> Address:
    return place.address(MESSAGES)


@pytest.fixture
def folder(place: Place) -> Path:
    return Path(place.root, MESSAGES.name)


def need(version: int, until: datetime | None = None) -> Pin:
    return Pin(version=version, who="anna", why="a test", until=until)


def can_be_read(messages: Address) -> list[int]:
    """The versions that delta-rs reads to the end: not those that it only counts."""
    found = []
    for version in range(12):
        try:
            rows = DeltaTable(str(messages), version).to_pyarrow_table().num_rows
        except OSError:
            continue
        assert rows == version - (version > 4) - (version > 9)
        found.append(version)
    return found


def run(place: Place, keep: timedelta = MONTH, request: str = "first") -> None:
    vacuum.carry_out(place, request, NOW - keep)


def test_a_pinned_version_outlives_a_vacuum_and_an_old_one_without_pin_does_not(
    place: Place, messages: Address, folder: Path
) -> None:
    age(folder, YEARS)
    pins.put(messages, need(3))
    [planned, _] = [vacuum.plan(found, pins.every(messages), NOW - MONTH, NOW) for found in vacuum.look(place)]
    run(place)
    # 0 to 2 need nothing that 3 does not.
    assert can_be_read(messages) == [0, 1, 2, 3, 10, 11]
    assert planned.lost == (4, 5, 6, 7, 8, 9)
    assert history.read(messages).readable(history.listed(messages)) == can_be_read(messages)
    assert readable.damaged(messages, {3, 11}) == {}
    assert keys_in(place, MESSAGES) == KEYS
    said = vacuumed.told(messages)
    assert said == vacuumed.Vacuumed(request="first", done=True, files=len(planned.files), size=planned.size)
    assert list(planned.spared) == [3]


def test_it_deletes_what_delta_rs_would_with_the_same_pins_and_age(
    place: Place, messages: Address, folder: Path
) -> None:
    age(folder, YEARS, up_to=9)
    (folder / "left-over.parquet").write_bytes(b"of a killed batch")
    age_files(folder, YEARS)
    [planned, _] = [vacuum.plan(found, [need(2)], NOW - MONTH, NOW) for found in vacuum.look(place)]
    theirs = messages.open().vacuum(
        retention_hours=30 * 24, enforce_retention_duration=False, full=True, keep_versions=[2]
    )
    assert sorted(planned.files) == sorted(theirs)
    assert list(planned.left_over) == ["left-over.parquet"]


def test_a_version_that_was_the_newest_within_the_age_stays(place: Place, messages: Address, folder: Path) -> None:
    age(folder, YEARS, up_to=5)
    run(place)
    assert can_be_read(messages) == [0, *range(5, 12)]


@pytest.mark.parametrize("which", ["said", "stored"])
def test_a_commit_is_as_young_as_it_says_or_as_its_file_is(
    place: Place, messages: Address, folder: Path, which: str
) -> None:
    age(folder, YEARS, said=which != "said", stored=which != "stored")
    run(place)
    assert can_be_read(messages) == list(range(12))


def test_a_lapsed_pin_protects_nothing(place: Place, messages: Address, folder: Path) -> None:
    age(folder, YEARS)
    pins.put(messages, need(8, until=NOW - timedelta(days=1)))
    pins.put(messages, need(7, until=NOW + timedelta(days=1)))
    run(place)
    assert can_be_read(messages) == [0, 5, 6, 7, 10, 11]


def test_the_files_of_a_decision_that_is_not_rolled_forward_stay(place: Place, folder: Path, tmp_path: Path) -> None:
    books = books_of(place, tmp_path / "index")
    made = decision(place, books.ledger, "outstanding")
    books.ledger.commit(made)
    age(folder, YEARS)
    age_files(folder, YEARS)
    run(place)
    assert keys_in(place, MESSAGES) == KEYS
    books_of(place, tmp_path / "index")
    assert keys_in(place, MESSAGES) == [*KEYS, "outstanding"]


def test_what_a_killed_batch_left_goes_a_week_later(place: Place, folder: Path) -> None:
    for name in ("old.parquet", "notes.txt", "young.parquet"):
        (folder / name).write_bytes(b"x")
        if name == "old.parquet":
            age_files(folder, vacuum.LEFT_OVER)
    rejected = Path(place.root, QUARANTINE.name)
    (rejected / "old.parquet").write_bytes(b"x")
    age_files(rejected, YEARS)
    run(place)
    assert {file.name for file in folder.iterdir()} >= {"notes.txt", "young.parquet", "_delta_log"}
    assert not (folder / "old.parquet").exists()
    assert not (rejected / "old.parquet").exists()


def test_a_vacuum_that_was_killed_is_done_by_the_next(
    place: Place, messages: Address, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    age(folder, YEARS)
    whole = obstore.delete
    with monkeypatch.context() as patch:
        patch.setattr(obstore, "delete", killed_half_way(whole))
        with pytest.raises(SystemExit):
            run(place)
    said = vacuumed.told(messages)
    assert said is not None
    assert (said.done, said.doomed) == (False, tuple(range(1, 10)))
    # One that still has all its files, and may lose them at any moment.
    with pytest.raises(VersionError, match=r"Version 9 of .* is being deleted by a vacuum\. .* can be read"):
        readable.pin(messages, need(9))
    run(place)
    assert can_be_read(messages) == [0, 10, 11]


def killed_half_way(delete: Callable[..., None]) -> Callable[..., None]:
    def stopped(store: object, paths: list[str]) -> None:
        delete(store, sorted(paths)[:3])
        raise SystemExit

    return stopped


def test_a_pin_that_is_there_when_the_vacuum_announces_itself_counts(
    place: Place, messages: Address, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    age(folder, YEARS)
    announce = vacuumed.say

    def pinned_at_that_moment(address: Address, said: vacuumed.Vacuumed) -> None:
        if said.doomed:
            pins.put(messages, need(8))
        announce(address, said)

    monkeypatch.setattr(vacuumed, "say", pinned_at_that_moment)
    run(place)
    assert can_be_read(messages) == [0, 5, 6, 7, 8, 10, 11]


def test_and_one_that_comes_later_is_refused(
    place: Place, messages: Address, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    age(folder, YEARS)
    delete, refused = obstore.delete, []

    def pinned_at_that_moment(store: ObjectStore, paths: str | list[str]) -> None:
        if isinstance(paths, list):  # the vacuum's files; not the pin that is withdrawn
            with pytest.raises(VersionError, match="These versions can be read: 0, 10 to 11") as found:
                readable.pin(messages, need(8))
            refused.append(str(found.value))
        delete(store, paths)

    monkeypatch.setattr(obstore, "delete", pinned_at_that_moment)
    run(place)
    assert len(refused) == 1
    assert pins.every(messages) == []
    assert can_be_read(messages) == [0, 10, 11]


@pytest.mark.parametrize("error", [PermissionError("not allowed"), TypeError("not allowed")])
def test_a_failure_is_told_and_ends_nothing(
    place: Place, messages: Address, folder: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    age(folder, YEARS)

    def refused(*_: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(obstore, "delete", refused)
        run(place)
    said = vacuumed.told(messages)
    assert said is not None
    assert (said.done, said.doomed, said.error) == (True, (), "not allowed")
    readable.pin(messages, need(9))


def test_a_request_that_is_read_again_asks_for_nothing_more(place: Place, messages: Address, folder: Path) -> None:
    """With a checkpoint that is lost the topic is read from its start."""
    age(folder, 2 * MONTH, up_to=5)
    run(place)
    age(folder, MONTH / 2)
    vacuum.carry_out(place, "first", NOW - MONTH)
    assert can_be_read(messages) == [0, *range(5, 12)]


def test_a_vacuum_is_asked_for_by_a_record_of_its_own() -> None:
    asked = control.Vacuum(request="r-1", before=NOW)
    intake = take_in([kafka_record("control", 0, 1, asked.model_dump_json().encode())], Sources("landing", "control"))
    assert intake.vacuums == [VacuumAsked("r-1", NOW)]
    assert intake.dead_letters == []


@pytest.mark.parametrize("record", [b'{"type":"vacuum"}', b'{"type":"vacuum","request":"../x","before":"2026-01-01"}'])
def test_a_request_that_is_none_is_a_dead_letter(record: bytes) -> None:
    intake = take_in([kafka_record("control", 0, 1, record)], Sources("landing", "control"))
    assert (intake.vacuums, [one.rule for one in intake.dead_letters]) == ([], ["not_a_control_record"])

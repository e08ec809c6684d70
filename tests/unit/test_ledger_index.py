"""The index is a cache: whatever is wrong with it, it is made anew and says what the ledger says."""

import shutil
from pathlib import Path

import pytest

from streaming.ledger import index as index_file
from streaming.ledger.decisions import Mark
from streaming.ledger.index import Index
from streaming.ledger.log import Ledger
from streaming.ledger.place import Place
from tests.unit.decided import QUICK, books_of, enter, identity_of, place_in


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Decisions about a, b and c; `index` beside it knows them."""
    place = place_in(tmp_path / "delta")
    books = books_of(place, tmp_path / "index")
    for key in "abc":
        enter(place, books, key)
    books.index.close()
    return place


def undecided(place: Place, file: Path) -> set[str]:
    index = Index(file)
    index.bring_up_to(Ledger(place, QUICK))
    found = index.undecided([identity_of(key) for key in "abcd"])
    index.close()
    return {key for key in "abcd" if identity_of(key) in found}


def test_a_missing_index_is_made_from_the_ledger(place: Place, tmp_path: Path) -> None:
    assert undecided(place, tmp_path / "new") == {"d"}


def test_a_damaged_index_is_made_anew(place: Place, tmp_path: Path) -> None:
    (tmp_path / "index").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    assert undecided(place, tmp_path / "index") == {"d"}


def test_an_index_that_was_left_behind_catches_up(place: Place, tmp_path: Path) -> None:
    shutil.copy(tmp_path / "index", tmp_path / "kept")
    enter(place, books_of(place, tmp_path / "index"), "d")
    assert undecided(place, tmp_path / "kept") == set()


def test_the_index_of_another_stack_is_not_believed(place: Place, tmp_path: Path) -> None:
    elsewhere = place_in(tmp_path / "elsewhere")
    enter(elsewhere, books_of(elsewhere, tmp_path / "other"), "d")
    assert undecided(place, tmp_path / "other") == {"d"}


def test_an_index_that_is_ahead_of_a_restored_ledger_is_not_believed(place: Place, tmp_path: Path) -> None:
    shutil.copytree(tmp_path / "delta", tmp_path / "backup")
    enter(place, books_of(place, tmp_path / "index"), "d")
    assert undecided(Place(str(tmp_path / "backup")), tmp_path / "index") == {"d"}


def test_an_index_of_another_history_of_the_same_ledger_is_not_believed(place: Place, tmp_path: Path) -> None:
    shutil.copytree(tmp_path / "delta", tmp_path / "backup")
    enter(place, books_of(place, tmp_path / "index"), "d")
    backup = Place(str(tmp_path / "backup"))
    for key in ("x", "y"):
        enter(backup, books_of(backup, tmp_path / "other"), key)
    assert undecided(backup, tmp_path / "index") == {"d"}


def test_identities_are_not_in_the_index_without_their_decision(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    index = Index(tmp_path / "index")
    monkeypatch.setattr(index_file, "_set_reached", killed)
    with pytest.raises(KeyboardInterrupt):
        index.add([identity_of("d")], Ledger(place, QUICK).id, Mark(4, "fourth"))
    assert index.undecided([identity_of("d")]) == {identity_of("d")}
    index.close()

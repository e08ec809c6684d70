"""One decision at a time, whoever makes it, and both tables follow it."""

from pathlib import Path

import pytest

from conf.tables import LEDGER, MESSAGES, QUARANTINE
from streaming.ledger import commits
from streaming.ledger.decisions import LedgerError
from streaming.ledger.log import Ledger, RefusedError
from streaming.ledger.place import Place
from tests.unit.decided import QUICK, books_of, decision, enter, identity_of, keys_in, place_in


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return place_in(tmp_path / "delta")


def test_a_decision_puts_its_rows_into_all_three_tables(place: Place, tmp_path: Path) -> None:
    books = books_of(place, tmp_path / "index")
    enter(place, books, "a", "b")
    enter(place, books, "c", quarantined=True)
    assert keys_in(place, LEDGER) == ["a", "b", "c"]
    assert (keys_in(place, MESSAGES), keys_in(place, QUARANTINE)) == (["a", "b"], ["c"])
    assert books.index.undecided([identity_of(key) for key in "abcd"]) == {identity_of("d")}


def test_decisions_are_numbered_without_gaps_whatever_else_raises_the_version(place: Place, tmp_path: Path) -> None:
    books = books_of(place, tmp_path / "index")
    first = enter(place, books, "a")
    place.open(LEDGER).optimize.compact()
    place.open(LEDGER).vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
    second = enter(place, books, "b")
    assert (first.number, second.number, second.previous["messages"]) == (1, 2, first.mark)


def test_of_two_queries_that_decide_from_the_same_version_the_second_is_refused(place: Place, tmp_path: Path) -> None:
    one, other = books_of(place, tmp_path / "1"), books_of(place, tmp_path / "2")
    late = decision(place, other.ledger, "a", "b")
    winner = enter(place, one, "a")
    with pytest.raises(RefusedError) as refusal:
        other.enter(late, ["a", "b"])
    assert refusal.value.winner == winner
    assert keys_in(place, LEDGER) == keys_in(place, MESSAGES) == ["a"]


def test_who_was_refused_sees_what_the_other_decided_and_goes_on(place: Place, tmp_path: Path) -> None:
    one, other = books_of(place, tmp_path / "1"), books_of(place, tmp_path / "2")
    for key in ("a", "b", "c"):
        enter(place, one, key)
    with pytest.raises(RefusedError):
        enter(place, other, "a")
    other.catch_up()
    assert other.index.undecided([identity_of(key) for key in "abcd"]) == {identity_of("d")}
    assert enter(place, other, "d").number == 4


def test_decisions_that_another_makes_while_one_catches_up_are_no_older_backup(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other's rows lie in the tables before the ledger is read to its end: between any two reads of one who catches up."""
    one, other = books_of(place, tmp_path / "one"), books_of(place, tmp_path / "other")
    follow, names = commits.CommitLog.follow, list("fedcba")

    def followed(log: commits.CommitLog) -> list[commits.Commit]:
        found = follow(log)
        with monkeypatch.context() as patch:
            patch.setattr(commits.CommitLog, "follow", follow)
            for quarantined in (False, True) if names else ():
                enter(place, one, names.pop(), quarantined=quarantined)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(commits.CommitLog, "follow", followed)
        other.catch_up()
        other.catch_up()
    enter(place, other, "last")
    assert sorted(keys_in(place, MESSAGES)) == ["a", "c", "e", "last"]
    assert sorted(keys_in(place, QUARANTINE)) == ["b", "d", "f"]


def test_a_query_that_is_many_versions_and_a_log_checkpoint_behind_is_refused(place: Place, tmp_path: Path) -> None:
    one, other = books_of(place, tmp_path / "1"), books_of(place, tmp_path / "2")
    for number in range(30):
        enter(place, one, f"{number}")
    place.open(LEDGER).create_checkpoint()
    with pytest.raises(RefusedError):
        enter(place, other, "late")
    assert "late" not in keys_in(place, LEDGER)


def test_compaction_by_somebody_else_refuses_nobody(place: Place, tmp_path: Path) -> None:
    books = books_of(place, tmp_path / "index")
    for key in "abc":
        enter(place, books, key)
    for table in (LEDGER, MESSAGES):
        assert place.open(table).optimize.compact()["numFilesRemoved"] == 3
    enter(place, books, "d")
    assert keys_in(place, LEDGER) == keys_in(place, MESSAGES) == ["a", "b", "c", "d"]


def test_a_decision_that_was_killed_before_it_was_rolled_forward_stands(place: Place, tmp_path: Path) -> None:
    books = books_of(place, tmp_path / "index")
    enter(place, books, "a")
    books.ledger.commit(decision(place, books.ledger, "b", quarantined=True))
    assert keys_in(place, QUARANTINE) == []
    again = books_of(place, tmp_path / "index")
    assert keys_in(place, QUARANTINE) == ["b"]
    assert again.index.undecided([identity_of("b")]) == set()


def test_rolling_forward_twice_adds_nothing(place: Place, tmp_path: Path) -> None:
    books = books_of(place, tmp_path / "index")
    made = enter(place, books, "a")
    late = books_of(place, tmp_path / "late")
    enter(place, books, "b")
    late._projection.roll_forward(made)  # noqa: SLF001  # as a query that was stopped before it could
    assert keys_in(place, MESSAGES) == ["a", "b"]


def test_a_commit_whose_answer_was_lost_is_found_in_the_log(place: Place, tmp_path: Path) -> None:
    books = books_of(place, tmp_path / "index")
    made = decision(place, books.ledger, "a")
    Ledger(place, QUICK).commit(made)  # it stands, and nobody was told
    books.enter(made, [identity_of("a")])
    assert keys_in(place, LEDGER) == keys_in(place, MESSAGES) == ["a"]
    assert enter(place, books, "b").number == 2


def test_a_commit_whose_answer_was_lost_is_found_behind_later_ones(place: Place, tmp_path: Path) -> None:
    books, other = books_of(place, tmp_path / "1"), books_of(place, tmp_path / "2")
    made = decision(place, books.ledger, "a")
    Ledger(place, QUICK).commit(made)
    other.catch_up()
    enter(place, other, "b")
    books.enter(made, [identity_of("a")])
    with pytest.raises(RefusedError):
        enter(place, books, "b")
    assert keys_in(place, LEDGER) == keys_in(place, MESSAGES) == ["a", "b"]


def test_a_query_that_stood_still_for_longer_than_the_log_is_kept_ends(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = books_of(place, tmp_path / "index")
    other = books_of(place, tmp_path / "other")
    for key in ("a", "b"):
        enter(place, other, key)
    place.open(LEDGER).create_checkpoint()
    for version in (0, 1):
        (tmp_path / "delta" / "ledger" / "_delta_log" / f"{version:020d}.json").unlink()
    monkeypatch.setattr(commits, "STANDSTILL_SECONDS", -1)
    with pytest.raises(LedgerError, match="The query stood still at version 0 of ledger, which has 2 by now"):
        enter(place, books, "a")


def test_a_table_that_is_altered_meanwhile_ends_the_query(place: Place, tmp_path: Path) -> None:
    books = books_of(place, tmp_path / "index")
    place.open(LEDGER).alter.set_table_properties({"delta.checkpointInterval": "7"})
    with pytest.raises(LedgerError, match="The table ledger was altered while the query ran"):
        enter(place, books, "a")

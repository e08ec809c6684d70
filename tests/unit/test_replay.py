"""What quarantine holds is decided again: once, as a decision of its own that names the one before it, and the audit follows."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conf.errors import LakeError
from conf.settings import load
from conf.tables import LEDGER, MESSAGES, QUARANTINE, TABLES, decision_identity
from streaming import rebuilding, replaying
from streaming.decide import worker
from streaming.decide.slices import Item
from streaming.events import control
from streaming.events.intake import Sources, take_in
from streaming.events.objects import ObjectVersion
from streaming.events.records import kafka_record
from streaming.feeds.feed import Column
from streaming.ledger import unresolved
from streaming.ledger.books import Books
from streaming.ledger.index import Index
from streaming.ledger.log import Ledger
from streaming.look import quarantine
from streaming.page.parser import all_located
from streaming.rows import outcomes, replay
from streaming.rows.outcomes import Outcome, Told
from streaming.rows.replay import Replay
from tests.sms import SMS, parse
from tests.unit.announced import LANDED_AT, announced
from tests.unit.audited import QUICK, Lake, page
from tests.unit.looked import LookedAt

CONTROL = "landing-control"
EGGS = dataclasses.replace(SMS, labels=("ham", "spam", "eggs"))
"""A feed by which the records that `page` has rejected are messages."""


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """One object of two messages and two rejected records, and one that is no page."""
    made = Lake(tmp_path)
    made.load(page("one", "two", rejected=2), "a.csv")
    made.load(b"PK\x03\x04", "b.csv")
    return made.commit()


def asked(lake: Lake, number: int, revision: int = 2) -> Replay | None:
    return unresolved.of(lake.place, lake.listed[number].identity, revision)


def decide(lake: Lake, number: int, revision: int, outcome: Outcome, replaces: int) -> Lake:
    """The next decision is a replay with this outcome."""
    lake.decide(dataclasses.replace(lake.listed[number], revision=revision, found_by="replay"), outcome, replaces)
    return lake.commit()


def replayed(lake: Lake, content: bytes) -> Lake:
    """The first object, decided again by the feed that knows eggs."""
    known = asked(lake, 0)
    assert known
    found = outcomes.loaded(content, parse(content), Told())
    outcome = replay.of_rows(found, all_located(content, {3, 4}, EGGS), known.entries)
    assert outcome
    return decide(lake, 0, 2, outcome, known.replaces)


def rows(lake: Lake, table: Any, *columns: str) -> list[tuple[Any, ...]]:
    found = lake.place.open(table).to_pyarrow_table(columns=list(columns)).to_pylist()
    return sorted((tuple(row.values()) for row in found), key=repr)


def test_what_is_unresolved_is_asked_for_as_the_next_decision_only(lake: Lake) -> None:
    known, whole = asked(lake, 0), asked(lake, 1)
    assert known
    assert whole
    assert (known.replaces, known.is_of_object, whole.is_of_object) == (1, False, True)
    assert [(one.rule, one.source_row, one.raw) for one in known.entries] == [
        ("unknown_label", 3, b"eggs,not a label 0\n"),
        ("unknown_label", 4, b"eggs,not a label 1\n"),
    ]
    assert [asked(lake, 0, 3), asked(lake, 0, 1), unresolved.of(lake.place, "00", 2)] == [None, None, None]


def test_rejected_records_that_can_be_read_become_rows_and_are_resolved(lake: Lake) -> None:
    before = lake.audit()
    replayed(lake, page("one", "two", rejected=2))
    assert rows(lake, MESSAGES, "decision", "source_row", "label", "text") == [
        (1, 1, "ham", "one"),
        (1, 2, "ham", "two"),
        (2, 3, "eggs", "not a label 0"),
        (2, 4, "eggs", "not a label 1"),
    ]
    assert rows(lake, LEDGER, "decision", "revision", "replaces", "found_by", "state", "records", "rows_quarantined")[
        -1
    ] == (*(2, 2, 1, "replay", "loaded", 2, 0),)
    assert [
        one for one in rows(lake, QUARANTINE, "kind", "decision", "source_row", "rule") if one[0] == "resolution"
    ] == [
        ("resolution", 2, 3, "unknown_label"),
        ("resolution", 2, 4, "unknown_label"),
    ]
    after = lake.audit(deep=True)
    assert (before.clean, before.rows, before.rows_quarantined) == (True, 2, 2)
    assert (after.clean, after.rows, after.rows_quarantined, after.landed, after.loaded) == (True, 4, 0, 2, 1)
    assert asked(lake, 0, 3) is None


def test_an_object_that_is_a_page_by_now_has_all_its_rows(lake: Lake) -> None:
    content, whole = page("seven", rejected=1), asked(lake, 1)
    assert whole
    outcome = replay.of_object(outcomes.loaded(content, parse(content), Told()), whole.entries)
    assert outcome
    decide(lake, 1, 2, outcome, whole.replaces)
    found = lake.audit(deep=True)
    assert (found.clean, found.rows, found.rows_quarantined, found.loaded, found.quarantined) == (True, 3, 3, 2, 0)
    again = asked(lake, 1, 3)
    assert again
    assert (again.replaces, [one.source_row for one in again.entries]) == (2, [2])


def test_what_can_still_not_be_read_changes_nothing(lake: Lake) -> None:
    known, whole, content = asked(lake, 0), asked(lake, 1), page("one", "two", rejected=2)
    assert known
    assert whole
    found = outcomes.loaded(content, parse(content), Told())
    assert replay.of_rows(found, all_located(content, {3, 4}, SMS), known.entries) is None
    assert replay.of_object(outcomes.refused(b"PK", "compressed", "", Told()), whole.entries) is None
    assert replay.of_object(Outcome("vanished"), whole.entries) is None


def test_a_record_with_other_bytes_is_another_one(lake: Lake) -> None:
    known, other = asked(lake, 0), page("one", "two", "three", rejected=1)
    assert known
    found = outcomes.loaded(other, parse(other), Told())
    assert replay.of_rows(found, all_located(other, {3, 4}, EGGS), known.entries) is None


def test_a_row_that_two_decisions_have_is_named(lake: Lake) -> None:
    content = page("one", "two", rejected=2)
    known = asked(lake, 0)
    assert known
    found = outcomes.loaded(content, parse(content), Told())
    decide(lake, 0, 2, Outcome("loaded", 2, found.messages, (), found.content_sha256), known.replaces)
    assert [what for what, _ in lake.findings()] == ["row_twice", "row_twice"]


def test_a_resolution_of_nothing_is_named(lake: Lake) -> None:
    content = page("one", "two", rejected=2)
    replayed(lake, content)
    found = outcomes.loaded(content, parse(content), Told())
    resolution = outcomes.Rejected("resolution", "unknown_label", "again", b"", 0, 3)
    decide(lake, 0, 3, Outcome("loaded", 0, (), [resolution], found.content_sha256), 2)
    assert lake.findings() == [("resolved_twice", "a.csv version v1")]


def test_a_replay_is_one_decision_however_often_it_is_asked_for() -> None:
    version = ObjectVersion(**announced().told())
    record = control.Replay(revision=2, object=control.landed(version)).model_dump_json().encode()
    intake = take_in([kafka_record(CONTROL, 0, offset, record) for offset in (5, 6)], Sources("landing", CONTROL))
    assert (intake.repeated, intake.dead_letters) == (1, [])
    [found] = intake.objects
    assert (found.found_by, found.revision, found.landed_at, found.kafka_offset) == ("replay", 2, LANDED_AT, 5)
    assert found.decision_identity == decision_identity(version.identity, 2) != found.identity == version.identity


def test_an_index_made_anew_knows_every_decision_about_an_object(lake: Lake, tmp_path: Path) -> None:
    replayed(lake, page("one", "two", rejected=2))
    index = Index(tmp_path / "index")
    index.bring_up_to(Ledger(lake.place, QUICK))
    about = lake.listed[0].identity
    asked_for = {decision_identity(about, revision): revision for revision in (1, 2, 3)}
    assert [asked_for[one] for one in index.undecided(list(asked_for))] == [3]
    index.close()


def test_a_replay_of_another_bucket_is_left_and_one_without_a_revision_is_kept() -> None:
    landed = control.landed(ObjectVersion(**announced(bucket="other").told()))
    other = control.Replay(revision=2, object=landed).model_dump_json().encode()
    first = other.replace(b'"revision":2', b'"revision":1')
    intake = take_in(
        [kafka_record(CONTROL, 0, 0, other), kafka_record(CONTROL, 0, 1, first)], Sources("landing", CONTROL)
    )
    assert (intake.objects, intake.ignored, len(intake.dead_letters)) == ([], 1, 1)
    assert "revision" in intake.dead_letters[0].detail


def test_what_is_asked_for_is_told_by_rule_and_object_and_shown_until_it_is_resolved(lake: Lake) -> None:
    assert [(one.version.key, one.revision, one.entries) for one in replaying.find(lake.place, None, None)] == [
        ("a.csv", 2, 2),
        ("b.csv", 2, 1),
    ]
    assert [one.version.key for one in replaying.find(lake.place, "compressed", None)] == ["b.csv"]
    assert [one.version for one in replaying.find(lake.place, None, "a.csv")] == [
        ObjectVersion(**lake.listed[0].told())
    ]
    assert replaying.find(lake.place, "compressed", "a.csv") == []
    replayed(lake, page("one", "two", rejected=2))
    assert [one.version.key for one in replaying.find(lake.place, None, None)] == ["b.csv"]


def test_what_a_replay_adds_to_quarantine_is_not_counted_as_left(lake: Lake) -> None:
    known = asked(lake, 1)
    assert known
    body = page("three", rejected=3)
    found = replay.of_object(outcomes.loaded(body, parse(body), Told()), known.entries)
    assert found
    decide(lake, 1, 2, found, 1)
    now, before = (replaying.find(lake.place, None, "b.csv", up_to) for up_to in (None, 1))
    assert ([one.entries for one in now], before) == ([3], [])


@pytest.mark.parametrize(
    "carry_out", [lambda: replaying.carry_out(load(), None, None), lambda: rebuilding.carry_out(load(), "again")]
)
def test_a_store_that_does_not_answer_is_one_line(
    carry_out: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINIO_PORT", "9")
    for name in ("STREAM_ACCESS_KEY", "STREAM_SECRET_KEY"):
        monkeypatch.setenv(name, "nobody-knows-it")
    with pytest.raises(LakeError, match=r"s3://delta/|127\.0\.0\.1:9"):
        carry_out()


def test_a_resolved_entry_is_no_longer_shown(tmp_path: Path) -> None:
    lake = LookedAt(tmp_path)
    lake.load(page("one", "two", rejected=2), "a.csv")
    lake.commit()
    assert [(one["rule"], one["entries"]) for one in quarantine.look(lake.tables(), None, 9).rules] == [
        ("unknown_label", 2)
    ]
    replayed(lake, page("one", "two", rejected=2))
    found = quarantine.look(lake.tables(), None, 9)
    assert (found.rules, list(found.entries)) == ([], [])


def test_a_store_that_is_away_while_a_replay_is_looked_at_is_waited_for(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    books, there = Books(lake.place, tmp_path / "index", QUICK), unresolved.of
    answers = [OSError("503"), OSError("503"), None]

    def away(*asked: object) -> object:
        if error := answers.pop(0):
            raise error
        return there(*asked)  # type: ignore[arg-type]  # as it is called

    monkeypatch.setattr(unresolved, "of", away)
    found = books.unresolved(lake.listed[0].identity, 2)
    assert (answers, found and found.replaces) == ([], 1)


def test_records_of_a_page_that_would_be_refused_by_now_stay_as_they_are(tmp_path: Path) -> None:
    lake = LookedAt(tmp_path)
    lake.load(page("one", rejected=1), "a.csv")
    known = unresolved.of(lake.commit().place, lake.listed[0].identity, 2)
    again = Item(dataclasses.replace(lake.listed[0], revision=2, found_by="replay"), replay=known)
    names = {**SMS.names, "stars": "stars"}
    strict = dataclasses.replace(EGGS, names=names, columns=(Column("stars", "integer", required=True),))
    for feed, is_left in ((EGGS, False), (SMS, True), (strict, True)):
        found, left = worker.decided(lake.job(feed), [again], lake.fetch)
        assert bool(left) is is_left
        assert any(list(found.parts(table.name)) for table in TABLES) is not is_left

"""Each entry of the ledger against its rows: what is damaged is found and named, and what is not is left alone."""

from pathlib import Path
from typing import Any

import pytest

from streaming.audit import entries, outcomes
from streaming.audit.findings import NAMED
from streaming.ledger.place import Place
from streaming.rows.outcomes import Outcome
from tests.unit.audited import Lake, page

OBJECT = "a.csv version v1"
OTHER = "b.csv version v1"
LETTER = "landing-events-0 offset 7"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Two objects with three messages and one rejected row each, an object that is none, and a dead letter: decided."""
    made = Lake(tmp_path)
    made.load(page("one", "two", "three", rejected=1), "a.csv")
    made.load(page("four", "five", "six", rejected=1), "b.csv")
    made.load(b"", "empty.csv")
    made.load_letter(b"no notification")
    return made


def of(rows: list[dict[str, Any]], key: str | None) -> list[dict[str, Any]]:
    return [row for row in rows if row["source_key"] == key]


def test_a_lake_without_damage_is_clean(lake: Lake) -> None:
    found = lake.commit().audit(deep=True)
    assert (found.findings, found.clean) == ((), True)
    assert (found.landed, found.loaded, found.quarantined, found.pending) == (3, 2, 1, 0)
    assert (found.rows, found.rows_quarantined, found.recovered, found.dead_letters) == (6, 2, 0, 1)
    assert (found.version, found.running, found.deep) == (1, True, True)


def test_a_stack_that_has_loaded_nothing_is_clean(tmp_path: Path) -> None:
    assert Lake(tmp_path).audit(deep=True).clean


def test_a_stack_whose_query_never_ran_is_clean(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.place = Place(str(tmp_path / "nothing"))
    found = lake.audit(deep=True)
    assert (found.clean, found.version) == (True, -1)


def test_a_missing_row_is_named(lake: Lake) -> None:
    del lake.messages[0]
    found = lake.commit().audit()
    assert found.findings == (("rows", OBJECT, "decision 1: 2 rows in messages, expected 3"),)
    assert (found.contradicted, found.clean, found.found) == (1, False, {"rows": 1})


def test_a_row_that_is_there_twice_is_named(lake: Lake) -> None:
    lake.messages.append(dict(lake.messages[0]))
    assert lake.commit().findings() == [("row_twice", OBJECT)]


def test_a_row_twice_in_the_place_of_another_is_named(lake: Lake) -> None:
    lake.messages[1] = dict(lake.messages[0])
    assert lake.commit().findings() == [("row_twice", OBJECT)]


def test_the_sum_of_the_row_hashes_tells_other_rows_from_these(lake: Lake) -> None:
    lake.messages[0]["row_hash"] += 1
    assert lake.commit().findings() == [("content", OBJECT)]


def test_a_row_of_another_version_is_named(lake: Lake) -> None:
    lake.load(page("one", "TWO", "three", rejected=1), "a.csv", version="v2")
    lake.messages[1] = of(lake.messages, "a.csv")[4] | {"source_version": "v1"}
    assert lake.commit().findings() == [("content", OBJECT)]


def test_a_row_that_was_moved_to_another_object_is_named(lake: Lake) -> None:
    lake.messages[0] |= {"source_key": "b.csv", "source_row": 9}
    assert lake.commit().findings() == [("rows", OBJECT), ("rows", OTHER)]


def test_a_recovered_record_is_counted_apart(lake: Lake) -> None:
    lake.messages[2]["source_part"] = 1
    assert lake.commit().findings() == [("recovered", OBJECT)]


def test_an_entry_whose_own_counts_disagree_is_named(lake: Lake) -> None:
    lake.entries[0]["records"] = 5
    assert lake.commit().findings() == [("records", OBJECT)]


def test_rows_that_no_entry_knows_are_counted_and_named(lake: Lake) -> None:
    del lake.entries[0]
    lake.listed = lake.listed[1:]
    found = lake.commit().audit()
    detail = "decision 1: 3 rows in messages, 1 in quarantine, no entry in the ledger"
    assert found.findings == (("unknown_rows", OBJECT, detail),)
    assert (found.unknown_rows, found.contradicted) == (4, 0)


def test_a_row_of_whatever_kind_in_quarantine_belongs_to_an_entry(lake: Lake) -> None:
    stray = lake.rejected[0] | {"kind": "resolution", "source_version": "v0", "row_hash": None}
    lake.rejected.append(stray)
    found = lake.commit().audit()
    assert [(one.what, one.who) for one in found.findings] == [("unknown_rows", "a.csv version v0")]
    assert found.unknown_rows == 1


def test_the_rows_of_one_object_loaded_by_two_decisions_are_named(lake: Lake) -> None:
    again = [dict(row) | {"decision": 2} for row in of(lake.messages, "a.csv")]
    lake.commit()
    lake.messages += again
    lake.load(page("seven"), "c.csv")
    assert lake.commit().findings() == [("unknown_rows", OBJECT)]


def test_a_quarantined_row_that_is_missing_or_too_many_is_named(lake: Lake) -> None:
    lake.rejected.append(dict(of(lake.rejected, "b.csv")[0]))
    lake.rejected.remove(of(lake.rejected, "a.csv")[0])
    assert lake.commit().findings() == [("rejected", OBJECT), ("rejected", OTHER)]


def test_a_quarantined_row_with_other_content_is_named(lake: Lake) -> None:
    of(lake.rejected, "a.csv")[0]["row_hash"] += 1
    assert lake.commit().findings() == [("rejected_content", OBJECT)]


def test_an_object_that_is_refused_and_not_kept_is_named(lake: Lake) -> None:
    lake.rejected.remove(of(lake.rejected, "empty.csv")[0])
    assert lake.commit().findings() == [("refused", "empty.csv version v1")]


def test_an_object_that_is_loaded_and_kept_as_refused_is_named(lake: Lake) -> None:
    lake.rejected.append(of(lake.rejected, "empty.csv")[0] | {"source_key": "a.csv"})
    assert lake.commit().findings() == [("refused", OBJECT)]


def test_a_dead_letter_that_is_not_kept_is_named(lake: Lake) -> None:
    lake.rejected.remove(of(lake.rejected, None)[0])
    assert lake.commit().findings() == [("refused", LETTER)]


def test_a_dead_letter_that_no_entry_knows_is_named(lake: Lake) -> None:
    lake.entries.remove(of(lake.entries, None)[0])
    assert lake.commit().findings() == [("unknown_rows", LETTER)]


def test_two_entries_for_one_object_version_are_named(lake: Lake) -> None:
    lake.commit()
    lake.listed = []
    lake.load(page("one", "two", "three", rejected=1), "a.csv")
    found = lake.commit().audit()
    detail = "2 entries of revision 1, in decisions 1 and 2"
    assert found.findings == (("decided_twice", OBJECT, detail),)


def test_two_records_at_one_offset_of_a_topic_made_anew_are_two(lake: Lake) -> None:
    lake.commit()
    lake.load_letter(b"another one")
    found = lake.commit().audit(deep=True)
    assert (found.clean, found.dead_letters) == (True, 2)


def test_of_several_revisions_the_newest_counts_and_all_have_their_rows(lake: Lake) -> None:
    lake.commit()
    again = lake.listed[2]
    lake.decide(again, Outcome("vanished"))
    lake.entries[0]["revision"] = 2
    found = lake.commit().audit()
    assert (found.clean, found.landed, found.quarantined, found.vanished) == (True, 3, 0, 1)


def test_without_versioning_the_etag_identifies_the_object(lake: Lake) -> None:
    version = lake.load(page("seven", "eight"), "c.csv", version=None)
    assert lake.commit().audit(deep=True).clean
    lake.load(page("nine"), "d.csv", version=None)
    del lake.messages[0]
    assert lake.commit().findings() == [("rows", f"d.csv version {lake.listed[-1].etag}")]
    assert version.version is None


def test_a_page_of_the_most_findings_is_named_and_all_are_counted(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    for number in range(NAMED + 5):
        lake.load(page("one"), f"{number}.csv")
    lake.messages.clear()
    found = lake.commit().audit()
    assert (len(found.findings), found.found, found.contradicted) == (NAMED, {"rows": NAMED + 5}, NAMED + 5)


@pytest.mark.parametrize("slice_rows", [1, 9, 10_000])
def test_in_slices_of_any_size_the_same_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slice_rows: int
) -> None:
    monkeypatch.setattr(outcomes, "SLICE_ROWS", slice_rows)
    monkeypatch.setattr(entries, "SLICE_ENTRIES", slice_rows)
    lake = Lake(tmp_path)
    for number in range(6):
        lake.load(page("one", "two", rejected=1), f"{number}.csv")
        if number % 2:
            del lake.messages[-1]
        lake.commit()
    lake.listed.clear()
    lake.load(page("one", "two", rejected=1), "0.csv")
    found = lake.commit().audit()
    expected = [("decided_twice", "0.csv version v1"), *(("rows", f"{number}.csv version v1") for number in (1, 3, 5))]
    assert [(one.what, one.who) for one in found.findings] == expected
    assert (found.landed, found.rows) == (6, 12)

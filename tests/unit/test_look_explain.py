"""What made a version: decision, objects and pages; a compaction or a change of properties is told apart."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from conf.tables import MESSAGES
from streaming.errors import LookError
from streaming.ledger.decisions import NO_HOOKS
from streaming.look import explanation, report
from streaming.look.versions import Versions
from tests.unit.looked import LookedAt, page, page_key


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LookedAt:
    """Versions: 0 made, 1 decision 1, 2 decision 3 (decision 2 has no message), 3 compaction, 4 a property, 5 decision 4."""
    lake = LookedAt(tmp_path_factory.mktemp("lake"))
    for number in (1, 2, 3, 7):
        lake.load_page(number, page(f"text {number}", "b", rejected=int(number == 2)))
    lake.commit()
    lake.load(b"", "empty.csv")
    lake.commit()
    lake.load_page(8, page("c"))
    lake.load(b"\x1f\x8b", "page.gz")
    lake.commit()
    lake.place.open(MESSAGES).optimize.compact(post_commithook_properties=NO_HOOKS)
    lake.place.open(MESSAGES).alter.set_table_properties(
        {"delta.checkpointInterval": "77"}, post_commithook_properties=NO_HOOKS
    )
    lake.load(page("d"), "not a page.csv")
    return lake.commit()


def explained(lake: LookedAt, version: int | None, *, whole: bool = False, most: int = 20) -> dict[str, Any]:
    return explanation.explain(lake.tables(version), whole=whole, most=most)


@pytest.mark.parametrize(
    ("version", "what", "decision", "changes", "rows_added", "rows"),
    [
        (0, "creation", None, False, 0, 0),
        (1, "decision", 1, True, 8, 8),
        (2, "decision", 3, True, 1, 9),
        (3, "compaction", None, False, 0, 9),
        (4, "properties", None, False, 0, 9),
        (5, "decision", 4, True, 1, 10),
    ],
)
def test_each_kind_of_version_is_told_apart(
    lake: LookedAt, version: int, what: str, decision: int | None, changes: bool, rows_added: int, rows: int
) -> None:
    found = explained(lake, version)
    assert (found["what"], found["decision"], found["changes_rows"], found["rows_added"]) == (
        what,
        decision,
        changes,
        rows_added,
    )
    assert found["made_of"]["rows"] == found["made_of"]["rows_in_files"] == rows


def test_a_decisions_objects_are_listed_with_their_outcome(lake: LookedAt) -> None:
    found = explained(lake, 2)
    assert [(one["state"], one["source_page"], one["source_key"], one["rows_loaded"]) for one in found["objects"]] == [
        ("loaded", 8, page_key("sms", 8), 1),
        ("quarantined", None, "page.gz", 0),
    ]


def test_a_version_is_made_of_all_before_it(lake: LookedAt) -> None:
    found = explained(lake, 5, whole=True, most=3)
    made_of = found["made_of"]
    assert (made_of["decisions"], made_of["first_decision"], made_of["last_decision"]) == (3, 1, 4)
    assert (made_of["objects"], made_of["objects_without_page"]) == (6, 1)
    assert made_of["pages"] == [{"dataset": "sms", "pages": 5, "numbers": "1 to 3, 7 to 8"}]
    assert [one["source_page"] for one in found["objects"]] == [1, 2, 3]
    assert found["objects_total"] == 6


def test_without_a_number_the_newest_is_explained(lake: LookedAt) -> None:
    assert explained(lake, None)["version"] == 5


def test_a_person_reads_what_changed_and_how_much_is_left_out(lake: LookedAt) -> None:
    lines = report.explained(explained(lake, 1, most=2)).splitlines()
    assert lines[0].startswith("version 1  decision 1 of the query (WRITE), 2")
    assert lines[1:3] == [
        "rows       0 before, 8 new, 8 in this version",
        "files      1 new, 0 replaced",
    ]
    assert lines[-4:] == [
        "decision  state   page  rows  quarantined  object",
        "       1  loaded     1     2            0  sms/page-000001.csv version v1",
        "       1  loaded     2     2            1  sms/page-000002.csv version v1",
        "(2 of 4 objects: --limit)",
    ]


def test_a_person_reads_that_a_compaction_changes_no_row(lake: LookedAt) -> None:
    assert "small files merged, no row changed" in report.explained(explained(lake, 3))


def test_rows_that_no_decision_explains_are_called_that(tmp_path: Path) -> None:
    lake = LookedAt(tmp_path)
    lake.load_page(1, page("a"))
    lake.commit()
    rows = pa.Table.from_pylist([{"label": "ham", "text": "x", "source_key": "k", "source_etag": "e"}], MESSAGES.schema)
    write_deltalake(f"{lake.place.root}/messages", rows, mode="append")
    found = explained(lake, 2)
    assert (found["what"], found["decision"], found["rows_added"]) == ("change", None, 1)
    assert "no decision of this ledger says why" in report.explained(found)
    # Rows are listed by themselves: the ledger has no word of these.
    assert [one["held_key"] for one in explained(lake, 2, whole=True)["objects"]] == [page_key("sms", 1), "k"]


def test_a_version_that_does_not_exist_names_the_newest(lake: LookedAt) -> None:
    with pytest.raises(LookError, match="Can be read: 0 to 5"):
        explained(lake, 6)


def test_a_version_whose_commit_is_gone_names_the_first_that_is_there(tmp_path: Path) -> None:
    lake = LookedAt(tmp_path)
    for number in (1, 2, 3):
        lake.load_page(number, page("a"))
        lake.commit()
    lake.place.open(MESSAGES).create_checkpoint()
    for version in (0, 1):
        Path(lake.place.root, f"messages/_delta_log/{version:020d}.json").unlink()
    with pytest.raises(LookError, match=r"no longer says what made version 1\. Its first commit is that of version 2"):
        Versions(lake.place).commit(1)


def test_the_version_of_a_decision_is_found_among_many(tmp_path: Path) -> None:
    lake = LookedAt(tmp_path)
    expected = {}
    for number in range(1, 13):
        lake.load_page(number, page("a") if number % 3 else b"")
        lake.commit()
        if number % 3:
            expected[number] = lake.place.open(MESSAGES).version()
        if number % 4 == 0:
            lake.place.open(MESSAGES).optimize.compact(post_commithook_properties=NO_HOOKS)
    versions = Versions(lake.place)
    assert {number: versions.holding(number) for number in expected} == expected
    # What brought no message is in no version.
    assert [versions.holding(number) for number in (3, 99, None)] == [None, None, None]

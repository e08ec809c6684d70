"""A data file that is gone or torn is a finding with its table and name, and what does not need it is audited all the same."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from conf.tables import LEDGER, MESSAGES, QUARANTINE, TABLES, Table
from streaming.audit import outcomes, snapshot, unreadable
from streaming.ledger.decisions import LedgerError
from streaming.rows.outcomes import Outcome
from tests.unit.audited import Lake, page


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Two decisions, each with messages and a rejected row: both tables have two files."""
    made = Lake(tmp_path)
    for key in ("a.csv", "b.csv"):
        made.load(page("one", "two", rejected=1), key)
        made.commit()
    return made


def file(lake: Lake, table: Table) -> Path:
    """The data file of the second decision."""
    return Path(lake.place.root, table.name, "2.parquet")


def torn(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:100])


def garbled(file: Path) -> None:
    """Its footer is whole, its pages are not: DataFusion's error does not name it."""
    body = file.read_bytes()
    file.write_bytes(body[:4] + b"\xff" * 400 + body[404:])


@pytest.mark.parametrize("table", [MESSAGES, QUARANTINE])
@pytest.mark.parametrize(
    ("damage", "why"), [(Path.unlink, "it is gone"), (torn, "Parquet magic bytes not found"), (garbled, "")]
)
def test_a_data_file_that_cannot_be_read_is_named(
    lake: Lake, table: Table, damage: Callable[[Path], None], why: str
) -> None:
    damage(file(lake, table))
    found = lake.audit(deep=True)
    [finding] = found.findings
    assert (finding.what, finding.who) == ("unreadable", f"{table.name}/2.parquet")
    assert finding.detail.startswith("what needs this file is not checked: ")
    assert why in finding.detail
    assert (found.clean, found.found, found.version) == (False, {"unreadable": 1}, 2)
    assert (found.loaded, found.rows, found.rows_quarantined) == (2, 4, 2)


def test_each_file_is_named_once(lake: Lake) -> None:
    for table in (MESSAGES, QUARANTINE):
        file(lake, table).unlink()
        Path(lake.place.root, table.name, "1.parquet").unlink()
    assert lake.findings(deep=True) == [
        ("unreadable", f"{table}/{number}.parquet") for table in ("messages", "quarantine") for number in (1, 2)
    ]


def test_rows_of_other_decisions_are_compared(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "SLICE_ROWS", 1)
    lake.load(page("three"), "c.csv")
    del lake.messages[0]
    lake.commit()
    file(lake, MESSAGES).unlink()
    found = lake.audit()
    assert [(one.what, one.who) for one in found.findings] == [
        ("rows", "c.csv version v1"),
        ("unreadable", "messages/2.parquet"),
    ]
    assert found.contradicted == 1


@pytest.mark.parametrize("table", [MESSAGES, QUARANTINE])
def test_a_replayed_object_whose_rows_cannot_be_read_ends_no_audit(lake: Lake, table: Table) -> None:
    lake.decide(lake.listed[0], Outcome("vanished"))
    lake.entries[0]["revision"] = 2
    lake.commit()
    file(lake, table).unlink()
    assert lake.findings(deep=True) == [("unreadable", f"{table.name}/2.parquet")]


def test_quarantine_is_checked_without_messages(lake: Lake) -> None:
    lake.load(page(rejected=1), "c.csv")
    lake.rejected[0]["raw"] = b"eggs,not a label 9\n"
    lake.commit()
    file(lake, MESSAGES).unlink()
    assert lake.findings(deep=True) == [("row_hash", "c.csv version v1"), ("unreadable", "messages/2.parquet")]


def test_without_the_ledger_nothing_can_be_said_and_its_file_is_named(lake: Lake) -> None:
    torn(file(lake, LEDGER))
    with pytest.raises(
        LedgerError, match=r"cannot be read: ledger/2\.parquet: .* not a parquet file\. Restore all three tables"
    ):
        lake.audit()


def test_an_error_that_no_file_explains_is_not_taken_for_one(lake: Lake, tmp_path: Path) -> None:
    opened = snapshot.Snapshot(lake.place, "landing", tmp_path)
    with pytest.raises(pa.ArrowException, match="Cannot cast string"):
        list(opened.rows("SELECT cast(name AS int) FROM entered"))


def test_of_many_files_the_first_are_named() -> None:
    told = str(unreadable.UnreadableError({f"ledger/{number}.parquet": "it is gone" for number in range(25)}))
    assert "ledger/19.parquet: it is gone … and 5 more. Restore" in told


def test_tables_without_damage_have_no_such_file(lake: Lake) -> None:
    opened = [(lake.place.address(table), lake.place.open(table).version()) for table in TABLES]
    assert unreadable.files(opened) == {}

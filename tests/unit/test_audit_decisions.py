"""The three tables against each other: rolled forward or not, restored from a backup, or written to meanwhile."""

import shutil
from pathlib import Path
from threading import Timer

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from conf.tables import LEDGER, MESSAGES, QUARANTINE, TABLES, Table
from streaming.audit import rolling
from streaming.audit.findings import Findings
from streaming.audit.snapshot import Snapshot
from streaming.ledger.decisions import LedgerError
from tests.unit.audited import Lake, page


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """One decision, rolled forward; a second one that is under way."""
    made = Lake(tmp_path)
    made.load(page("one", rejected=1), "a.csv")
    made.commit()
    made.load(page("two"), "b.csv")
    return made


def test_a_table_that_is_not_rolled_forward_is_named(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rolling, "PATIENCE_SECONDS", 0.3)
    lake.enter()
    found = lake.audit()
    assert [one for one in found.findings if one.what == "not_rolled_forward"] == [
        ("not_rolled_forward", "messages", "the ledger's decision 2 is not in the table, which ends at 1")
    ]
    assert (found.not_rolled_forward, found.clean) == (1, False)


def test_a_decision_that_is_rolled_forward_in_time_is_clean(lake: Lake) -> None:
    decision = lake.enter()
    later = Timer(0.5, lake.roll_forward, [decision])
    later.start()
    found = lake.audit()
    later.join()
    assert (found.findings, found.rows) == ((), 2)


def test_rows_of_a_decision_made_meanwhile_are_left_out(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    await_tables = rolling.await_tables

    def meanwhile(snapshot: Snapshot, findings: Findings) -> None:
        lake.commit()
        await_tables(snapshot, findings)

    lake.waits = {lake.listed[1].identity}
    monkeypatch.setattr(rolling, "await_tables", meanwhile)
    found = lake.audit(deep=True)
    assert (found.findings, found.rows, found.pending) == ((), 1, 1)


@pytest.mark.parametrize("table", [MESSAGES, QUARANTINE])
def test_a_table_restored_from_an_older_backup_is_named(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: Table
) -> None:
    monkeypatch.setattr(rolling, "PATIENCE_SECONDS", 0.3)
    lake.load(page("three", rejected=1), "c.csv")
    restored(lake, table, tmp_path)
    assert ("not_rolled_forward", table.name) in lake.findings()


def test_a_ledger_restored_from_an_older_backup_is_named(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rolling, "PATIENCE_SECONDS", 0.3)
    restored(lake, LEDGER, tmp_path)
    [finding] = [one for one in lake.audit().findings if one.what == "not_rolled_forward"]
    assert finding.detail == "the table has decision 2, the ledger ends at 1: it was restored from an older backup"


def restored(lake: Lake, table: Table, tmp_path: Path) -> None:
    """Another decision is made; then the table is what it was before."""
    place, backup = tmp_path / "tables" / table.name, tmp_path / "backup"
    shutil.copytree(place, backup)
    lake.commit()
    shutil.rmtree(place)
    shutil.move(backup, place)


def test_a_ledger_made_anew_beside_old_tables_is_named(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rolling, "PATIENCE_SECONDS", 0.3)
    shutil.rmtree(tmp_path / "tables" / LEDGER.name)
    lake.place.create(LEDGER)
    what = [what for what, _ in lake.findings()]
    assert what.count("not_rolled_forward") == 2
    assert "unknown_rows" in what


def test_a_table_that_is_gone_is_named(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rolling, "PATIENCE_SECONDS", 0.3)
    lake.commit()
    shutil.rmtree(tmp_path / "tables" / MESSAGES.name)
    assert ("not_rolled_forward", MESSAGES.name) in lake.findings()


@pytest.mark.parametrize("table", TABLES)
def test_a_table_of_an_earlier_version_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: Table
) -> None:
    monkeypatch.setattr(rolling, "PATIENCE_SECONDS", 0.3)
    lake = Lake(tmp_path)
    shutil.rmtree(tmp_path / "tables" / table.name)
    older = pa.schema([field for field in table.schema if field.name not in {"decision", "source_bucket"}])
    DeltaTable.create(str(tmp_path / "tables" / table.name), schema=older)
    with pytest.raises(LedgerError, match=f"{table.name} has no column decision"):
        lake.audit()

"""A stack that version 0.1 filled is taken over: nothing is loaded again, and nothing of it is lost.

`data/tables-0.1.tgz` holds the tables that version 0.1 wrote on a real MinIO, with the objects that were still in landing:
seven object versions, one of them deleted before it was read, and one record that is no notification.
"""

import subprocess
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from conf.tables import LEDGER, MESSAGES, QUARANTINE, Table
from streaming.ledger.books import Books
from streaming.ledger.decisions import LedgerError
from streaming.ledger.ensure import ensure
from streaming.ledger.place import Place
from streaming.ledger.takeover import Takeover, drop_commit_times
from tests.sms import SMS
from tests.unit.decided import QUICK, enter

FILLED = Path(__file__).parent / "data" / "tables-0.1.tgz"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    # Python 3.11.2, which Debian has, knows no filter; newer ones warn without.
    subprocess.run(["tar", "-xzf", FILLED, "-C", tmp_path], check=True)
    return Place(str(tmp_path / "delta"))


def take_over(spark: SparkSession, place: Place) -> None:
    takeover = Takeover(place, "landing", "landing-events", "landing-control")
    assert takeover.is_due()
    takeover.run(lambda table: drop_commit_times(spark, f"{place.root}/{table.name}"))
    assert not takeover.is_due()
    ensure(place, SMS)


def rows(place: Place, table: Table, *columns: str) -> list[tuple[object, ...]]:
    found = place.open(table).to_pyarrow_table(columns=list(columns)).to_pylist()
    return sorted((tuple(row.values()) for row in found), key=repr)


def test_every_entry_and_dead_letter_is_known_afterwards(spark: SparkSession, place: Place, tmp_path: Path) -> None:
    before = rows(place, LEDGER, "source_key", "source_version", "state", "rows_loaded", "rows_quarantined")
    messages = rows(place, MESSAGES, "source_key", "source_version", "text", "row_hash")
    take_over(spark, place)
    after = rows(place, LEDGER, "source_key", "source_version", "state", "rows_loaded", "rows_quarantined")
    assert [row for row in after if row[0]] == before
    assert [row for row in after if not row[0]] == [(None, None, "quarantined", 0, 0)]
    assert rows(place, MESSAGES, "source_key", "source_version", "text", "row_hash") == messages
    books = Books(place, tmp_path / "index", QUICK)
    identities = [str(row[0]) for row in rows(place, LEDGER, "source_identity")]
    assert len(set(identities)) == 8
    assert books.index.undecided(identities) == set()
    assert enter(place, books, "new").number == 2


def test_the_ledger_gets_the_hash_sums_of_the_rows_that_are_there(spark: SparkSession, place: Place) -> None:
    expected: dict[object, object] = {}
    for key, row_hash in rows(place, MESSAGES, "source_key", "row_hash"):
        expected[key] = int(str(expected.get(key, 0))) + int(str(row_hash))
    take_over(spark, place)
    sums = {key: int(str(total)) for key, total in rows(place, LEDGER, "source_key", "hash_sum") if total}
    assert sums == expected


def test_earlier_versions_can_still_be_read(spark: SparkSession, place: Place) -> None:
    take_over(spark, place)
    reader = spark.read.format("delta")
    counts = [reader.option("versionAsOf", version).load(f"{place.root}/messages").count() for version in (0, 1, 2)]
    assert counts == [0, 4, 5]
    assert spark.read.format("delta").load(f"{place.root}/ledger").where("kind = 'object'").count() == 7


def test_rows_without_an_entry_are_refused_by_name(spark: SparkSession, place: Place) -> None:
    path = f"{place.root}/ledger"
    spark.sql(f"ALTER TABLE delta.`{path}` SET TBLPROPERTIES ('delta.appendOnly' = 'false')")
    spark.sql(f"DELETE FROM delta.`{path}` WHERE source_key = 'demo/page-000001.csv'")
    with pytest.raises(LedgerError, match=r"1 objects, such as 'demo/page-000001.csv', have rows but no entry"):
        take_over(spark, place)


def test_a_takeover_that_was_killed_goes_on(spark: SparkSession, place: Place) -> None:
    first = Takeover(place, "landing", "landing-events", "landing-control")
    with pytest.raises(KeyboardInterrupt):
        first.run(lambda table: (_ for _ in ()).throw(KeyboardInterrupt) if table is QUARANTINE else drop_commit_times(spark, f"{place.root}/{table.name}"))  # fmt: skip
    take_over(spark, place)
    assert len(rows(place, LEDGER, "source_key")) == 8

"""Tables that can change: what is missing is added, everything else is refused by name."""

from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from conf.tables import LEDGER, MESSAGES, TABLES, Table
from streaming.feeds.feed import Column, Feed
from streaming.ledger.decisions import LedgerError
from streaming.ledger.ensure import ensure
from streaming.ledger.place import Place
from tests.sms import SMS


def made(folder: Path, table: Table, schema: pa.Schema, properties: dict[str, str] | None = None) -> Place:
    """The table with this schema instead of its own."""
    DeltaTable.create(str(folder / table.name), schema=schema, configuration=properties)
    return Place(str(folder))


def test_tables_that_are_missing_are_made_with_their_columns_and_properties(tmp_path: Path) -> None:
    place = Place(str(tmp_path))
    ensure(place, SMS)
    ensure(place, SMS)
    for table in TABLES:
        handle = place.open(table)
        assert handle.version() == 0
        assert pa.schema(handle.schema()).names == table.schema.names
        assert handle.metadata().configuration == table.properties


def test_columns_and_properties_that_an_older_table_lacks_are_added(tmp_path: Path) -> None:
    older = pa.schema(list(LEDGER.schema)[:5])
    place = made(tmp_path, LEDGER, older, {"delta.appendOnly": "true", "delta.logRetentionDuration": "interval 1 days"})
    ensure(place, SMS)
    handle = place.open(LEDGER)
    assert pa.schema(handle.schema()).names == LEDGER.schema.names
    assert handle.metadata().configuration == LEDGER.properties


@pytest.mark.parametrize(
    ("schema", "refusal"),
    [
        ([("decision", pa.string())], "The column ledger.decision is string, expected int64"),
        ([("decision", pa.int64()), ("weather", pa.string())], r"The table ledger has a column weather \(string\)"),
    ],
)
def test_a_column_that_differs_is_refused_by_name(tmp_path: Path, schema: list[pa.Field], refusal: str) -> None:
    place = made(tmp_path, LEDGER, pa.schema(schema))
    with pytest.raises(LedgerError, match=refusal):
        ensure(place, SMS)
    assert place.opened(MESSAGES) is None


def test_a_table_that_forgets_transactions_is_refused(tmp_path: Path) -> None:
    place = made(tmp_path, LEDGER, LEDGER.schema, {"delta.setTransactionRetentionDuration": "interval 1 days"})
    with pytest.raises(LedgerError, match=r"The table ledger has the property delta.setTransactionRetentionDuration"):
        ensure(place, SMS)


def fed(*columns: Column) -> Feed:
    return Feed("x", {"text": "text"}, (), (), columns)


def test_each_column_has_its_comment_and_each_table_its_description(tmp_path: Path) -> None:
    place = Place(str(tmp_path))
    ensure(place, fed(Column("stars", "integer", meaning="From 1 to 5")))
    for table in TABLES:
        told = {field.name: field.metadata["comment"] for field in place.open(table).schema().fields}
        assert told == dict(table.meanings) | ({"stars": "From 1 to 5"} if table is MESSAGES else {})
        assert place.open(table).metadata().description == table.description


def test_a_feed_s_own_columns_are_added_and_never_taken_away_or_changed(tmp_path: Path) -> None:
    place, stars = Place(str(tmp_path)), Column("stars", "integer")
    ensure(place, SMS)
    ensure(place, fed(stars))
    ensure(place, fed(Column("written", "timestamp", meaning="When"), stars))
    schema = place.open(MESSAGES).schema()
    assert pa.schema(schema).names == [*MESSAGES.schema.names, "stars", "written"]
    assert [field.metadata["comment"] for field in schema.fields if field.name == "written"] == ["When"]
    with pytest.raises(
        LedgerError, match=r"has a column stars \(int64\) that neither this release nor .* `required: false`"
    ):
        ensure(place, fed(Column("written", "timestamp")))
    with pytest.raises(
        LedgerError, match=r"messages\.stars is int64, expected string\. .* declare the type that it has"
    ):
        ensure(place, fed(Column("stars", "string"), Column("written", "timestamp")))

"""Decisions for tests: rows written to a folder, as executors do, and entered into the ledger or not."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import obstore
import pyarrow as pa

from conf.tables import LEDGER, MESSAGES, QUARANTINE, TABLES, Table, identity
from streaming.ledger.books import Books
from streaming.ledger.decisions import Decision
from streaming.ledger.ensure import ensure
from streaming.ledger.log import Ledger
from streaming.ledger.place import Place
from streaming.patience import Patience
from streaming.rows.files import DataFile, parquet, statistics
from tests.sms import SMS

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
QUICK = Patience(first_seconds=0.001)


def place_in(folder: Path) -> Place:
    """The three tables below this folder."""
    place = Place(str(folder))
    ensure(place, SMS)
    return place


def books_of(place: Place, index: Path) -> Books:
    """A query's books: one of several beside each other has an index of its own."""
    return Books(place, index, QUICK)


def identity_of(key: str) -> str:
    """The identity under which `decision` enters the object with this key."""
    return identity("test", key)


def decision(place: Place, ledger: Ledger, *keys: str, quarantined: bool = False) -> Decision:
    """The next decision: one entry and one message for each key, or one entry in quarantine."""
    mark = ledger.next_mark()
    rows: dict[str, list[dict[str, Any]]] = {table.name: [] for table in TABLES}
    for key in keys:
        source = {"decision": mark.number, "source_identity": identity_of(key), "source_key": key}
        state = "quarantined" if quarantined else "loaded"
        rows[LEDGER.name].append(source | {"decision_id": mark.id, "kind": "object", "state": state, "decided_at": NOW})
        rows[QUARANTINE.name if quarantined else MESSAGES.name].append(source)
    files = {table.name: _written(place, table, rows[table.name], f"{mark.number}-{mark.id}") for table in TABLES}
    return Decision(*mark, files=files, previous=ledger.previous())


def enter(place: Place, books: Books, *keys: str, quarantined: bool = False) -> Decision:
    """The next decision, entered."""
    made = decision(place, books.ledger, *keys, quarantined=quarantined)
    books.enter(made, [identity_of(key) for key in keys])
    return made


def decided(folder: Path, keys: str) -> Place:
    """New tables below this folder, with a decision for each key."""
    place = place_in(folder / "delta")
    books = books_of(place, folder / "index")
    for key in keys:
        enter(place, books, key)
    return place


def keys_in(place: Place, table: Table) -> list[str]:
    """The keys that a table holds, each as often as it does."""
    return sorted(place.open(table).to_pyarrow_table(columns=["source_key"])["source_key"].to_pylist())


def _written(place: Place, table: Table, rows: list[dict[str, Any]], name: str) -> list[DataFile]:
    if not rows:
        return []
    found = pa.Table.from_pylist(rows, schema=table.schema)
    content = parquet(found)
    obstore.put(place.store(), f"{table.name}/{name}.parquet", content.to_pybytes())
    return [DataFile(f"{name}.parquet", content.size, statistics(found))]

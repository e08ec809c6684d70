"""The three tables as of one decision of the ledger, queried in SQL by delta-rs: no JVM, and only what is wrong comes out.

What happens while an audit runs is left out: the ledger is opened first, the tables it decides about afterwards, and their
rows of later decisions are ignored.
"""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder

from conf.tables import LEDGER, MESSAGES, QUARANTINE, Table
from streaming.audit import unreadable
from streaming.audit.sheets import Sheet
from streaming.audit.views import quoted, views
from streaming.feeds.table import own_columns
from streaming.ledger.decisions import LedgerError, application
from streaming.ledger.place import Place

Row = dict[str, Any]

# With these, an audit of a million rows holds 422 MB; with DataFusion's own settings 514, in the same five seconds (measured on two cores).
_SETTINGS = {"datafusion.execution.target_partitions": "1", "datafusion.execution.batch_size": "2048"}


class Snapshot:
    """The ledger as it was when this was made, and the other two tables once they are opened."""

    def __init__(self, place: Place, bucket: str, folder: Path) -> None:
        """Open the ledger. `bucket` is that of rows that name none; `folder` is for files that live as long as this snapshot.

        Raises `LedgerError`, here and later, for a table of an earlier version that no query has brought up to date.
        """
        self.place, self.folder = place, folder
        self._views = views(bucket)
        self._nothing = Place(str(folder))
        self._query = QueryBuilder(_SETTINGS)
        self._opened: list[tuple[Table, int]] = []
        ledger = self._registered(LEDGER)
        self.app_id = application(str(ledger.metadata().id))
        self.newest: int = ledger.transaction_version(self.app_id) or 0
        """The newest decision; 0 before the first."""
        self.own_columns: list[str] = []
        """The columns of `messages` that only its feed has; known once that table is opened."""

    def open_tables(self) -> int:
        """The other two tables as they are now; answers the version of `messages`, -1 before that table exists."""
        messages, _ = self._registered(MESSAGES), self._registered(QUARANTINE)
        self.own_columns = own_columns(field.name for field in messages.schema().fields)
        return messages.version() if self.place.opened(MESSAGES) else -1

    def answer_in(self, rows: int) -> None:
        """From now on, this many rows of an answer are in memory at a time."""
        self._do(f"SET datafusion.execution.batch_size = {rows}")

    def batches(self, sql: str) -> Iterator[pa.RecordBatch]:
        """The answer, some rows at a time. Raises `UnreadableError` when a data file that it needs cannot be read."""
        answer = pa.RecordBatchReader.from_stream(self._query.execute(sql))
        try:
            yield from answer
        except (pa.ArrowException, OSError) as error:
            # DataFusion's message names neither the table nor, for some damage, the file.
            if self._unreadable:
                raise unreadable.UnreadableError(self._unreadable) from error
            raise

    def rows(self, sql: str) -> Iterator[Row]:
        """The answer's rows, one after the other."""
        return (row for batch in self.batches(sql) for row in batch.to_pylist())

    def add(self, sheet: Sheet) -> Iterator[str]:
        """The names of the tables made of a sheet's files."""
        for file in sheet.files:
            self._do(f"CREATE EXTERNAL TABLE {file.stem} STORED AS PARQUET LOCATION {quoted(str(file))}")
            yield file.stem

    def _registered(self, table: Table) -> DeltaTable:
        """The table under its name and with its view; an empty one where there is none yet."""
        there = self.place.opened(table)
        if there is not None:
            self._opened.append((table, there.version()))
        handle = there or self._nothing.create(table)
        _require_columns(table, handle)
        self._query = self._query.register(table.name, handle)
        name, sql = self._views[table.name]
        self._do(f"CREATE VIEW {name} AS {sql}")
        return handle

    @cached_property
    def _unreadable(self) -> dict[str, str]:
        """The data files of the open tables that cannot be read, and why; looked for once."""
        return unreadable.files((self.place.address(table), version) for table, version in self._opened)

    def _do(self, sql: str) -> None:
        self._query.execute(sql).read_all()


def _require_columns(table: Table, handle: DeltaTable) -> None:
    present = {field.name for field in handle.schema().fields}
    if missing := [name for name in table.schema.names if name not in present]:
        raise LedgerError(
            f"The table {table.name} has no column {missing[0]}: it is of an earlier version. The query brings it up to date "
            "when it starts: `lake up`."
        )

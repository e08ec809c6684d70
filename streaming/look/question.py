"""A question in SQL about the three tables as of one version of `messages`: read only, in bounded memory, the answer as a stream."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import pyarrow as pa
from deltalake import QueryBuilder
from deltalake.exceptions import DeltaError

from conf.tables import LEDGER, MESSAGES, QUARANTINE, TABLES
from streaming.errors import LookError
from streaming.feeds.table import own_columns
from streaming.ledger.place import Place
from streaming.look.versions import Versions

Row = dict[str, Any]

# Memory for sorting and grouping. More goes to temporary files, and what cannot go there ends with an error.
MEMORY = "512M"
# A row of quarantine may hold 64 KB: 1,000 of them are in memory at a time.
# A sort of 3·10^6 rows by text spills in one partition and fails for want of memory in two (measured).
_SETTINGS = {
    "datafusion.execution.batch_size": "1000",
    "datafusion.execution.target_partitions": "1",
    "datafusion.catalog.information_schema": "true",
}
_GONE = re.compile(r"Object at location (\S.*?/[^/]+?\.parquet) not found")
_NAMES = ", ".join(table.name for table in TABLES)


class Answer(NamedTuple):
    """The names of its columns, each one only once, and its rows, which are read one after the other."""

    columns: list[str]
    rows: Iterator[Row]


class Tables:
    """The three tables, open as of one version of `messages`.

    `ledger` and `quarantine` then have what was decided up to that version: the rows of its newest decision and of those before.
    """

    def __init__(self, place: Place, version: int | None = None, as_of: datetime | None = None) -> None:
        """Open them. Raises `LookError` when a table is not there, or that version cannot be read."""
        self.versions = Versions(place)
        self.messages = self.versions.at(version, as_of)
        self.own_columns = own_columns(field.name for field in self.messages.schema().fields)
        """The columns of `messages` that only its feed has."""
        self._query = QueryBuilder(_SETTINGS).register(MESSAGES.name, self.messages)
        self._do(f"SET datafusion.runtime.memory_limit = '{MEMORY}'")
        condition = "true" if version is None and as_of is None else self._decided()
        for table in (LEDGER, QUARANTINE):
            handle = place.opened(table)
            if handle is None:
                raise LookError(f"There is no table {table.name} yet: the query makes it when it starts (`lake up`).")
            self._query = self._query.register(f"all_{table.name}", handle)
            self._do(f"CREATE VIEW {table.name} AS SELECT * FROM all_{table.name} WHERE {condition}")

    @property
    def version(self) -> int:
        return self.messages.version()

    def answer(self, sql: str) -> Answer:
        """The answer to a person's query, as a stream. Raises `LookError`, in one line, here or while the answer is read."""
        sql = sql.strip().rstrip(";")
        # A query that can be a subquery only reads: DataFusion would also take COPY, CREATE and INSERT.
        self._ask(f"EXPLAIN SELECT 1 WHERE EXISTS (\n{sql}\n)").read_all()
        answer = self._ask(sql)
        columns = _told_apart(answer.schema.names)
        return Answer(columns, self._rows(answer, columns))

    def rows(self, sql: str) -> Iterator[Row]:
        """The rows of the answer to a query of our own."""
        answer = self._ask(sql)
        return self._rows(answer, answer.schema.names)

    def only(self, sql: str) -> Row:
        """The answer's only row."""
        [row] = self.rows(sql)
        return row

    def _decided(self) -> str:
        """Rows of version 0.1 have no decision: they were taken over as decision 1."""
        reached = self.versions.decided(self.messages)
        if reached is None or (reached == 0 and self.messages.file_uris()):
            reached = 1
        return f"coalesce(decision, 1) <= {reached}"

    def _rows(self, answer: pa.RecordBatchReader, columns: list[str]) -> Iterator[Row]:
        while True:
            try:
                batch = answer.read_next_batch()
            except StopIteration:
                return
            except (pa.ArrowException, OSError) as error:
                raise self._explained(error) from error
            yield from batch.rename_columns(columns).to_pylist()

    def _ask(self, sql: str) -> pa.RecordBatchReader:
        try:
            return pa.RecordBatchReader.from_stream(self._query.execute(sql))
        except (DeltaError, OSError, ValueError) as error:
            raise self._explained(error) from error

    def _do(self, sql: str) -> None:
        self._query.execute(sql).read_all()

    def _explained(self, error: Exception) -> LookError:
        said = " ".join(str(error).split())
        if "Resources exhausted" in said or "Not enough memory" in said:
            return LookError(
                f"The query needs more than {MEMORY} of memory. Ask for fewer rows or columns: WHERE, LIMIT."
            )
        if found := _GONE.search(said):
            table, file = found[1].split("/")[-2:]
            if table == MESSAGES.name:
                return self.versions.unreadable(self.version, "files of it are gone")
            return LookError(
                f"A file of {table} is gone: {file}. Restore all three tables from backups of one moment (docs/backup.md)."
            )
        return LookError(f"SQL: {_clear(said)}")


def _told_apart(names: list[str]) -> list[str]:
    """A name that is there already gets its place appended: a join may give one twice."""
    return [f"{name}_{place}" if name in names[:place] else name for place, name in enumerate(names)]


def _clear(said: str) -> str:
    """DataFusion's message without what only its authors need."""
    if found := re.search(r"table 'datafusion\.public\.(.+?)' not found", said):
        return f"there is no table {found[1]}. There are: {_NAMES}."
    if found := re.search(r'ParserError\("(.*) at Line: (\d+), Column: (\d+)"\)', said):
        # The question begins in the second line of what was asked.
        what = re.sub(r"^Expected: \), found:", "unexpected", found[1])
        return f"{what} at line {max(int(found[2]) - 1, 1)}, column {found[3]}. One query is taken: SELECT …"
    if "not implemented: Query" in said or "single SQL statement" in said:
        return "one query is taken, and nothing that writes: SELECT …"
    return re.sub(r"^(External error: |Arrow error: |SQL error: |Schema error: |Error during planning: )+", "", said)[
        :2000
    ]

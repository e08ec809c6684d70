"""Makes the three tables as `conf/tables.py` says: creates them, adds columns and properties, refuses anything else."""

import pyarrow as pa
from deltalake import DeltaTable

from conf.tables import LEDGER, QUARANTINE, TABLES, Table
from streaming.feeds.feed import Feed
from streaming.feeds.table import messages_of
from streaming.ledger.decisions import NO_HOOKS, PROJECTED, LedgerError, application, commit_properties
from streaming.ledger.place import Place, fields

# With it Delta forgets transactions, and a decision could be rolled forward twice.
_FORGETS = "delta.setTransactionRetentionDuration"


def ensure(place: Place, feed: Feed) -> None:
    """All three tables exist with their columns and properties, including the feed's, and belong together.

    Raises a `LedgerError` that names the table and the column or property that differs, or says what is missing beside what.
    """
    present = {table.name: place.opened(table) for table in TABLES}
    for name, handle in present.items():
        if handle is not None and _FORGETS in handle.metadata().configuration:
            raise LedgerError(
                f"The table {name} has the property {_FORGETS}: without it, decisions stay known. Unset it."
            )
    _require_ledger(present)
    ledger = place.create(LEDGER) if present[LEDGER.name] is None else brought_up(place, LEDGER)
    app_id = application(ledger.metadata().id)
    for table in (messages_of(feed), QUARANTINE):
        if present[table.name] is None:
            # It is bound by the commit that makes it, so that there is never a table that belongs to no ledger.
            place.create(table, commit_properties=commit_properties(app_id, 0, ""))
        else:
            brought_up(place, table)


def bind(table: DeltaTable, ledger_id: object) -> None:
    """The table belongs to this ledger from now on."""
    if table.transaction_version(application(ledger_id)) is None:
        table.create_write_transaction(
            [],
            "append",
            table.schema(),
            commit_properties=commit_properties(application(ledger_id), 0, ""),
            post_commithook_properties=NO_HOOKS,
        )


def _require_ledger(present: dict[str, DeltaTable | None]) -> None:
    others = [table.name for table in PROJECTED if (handle := present[table.name]) is not None and _has_rows(handle)]
    if present[LEDGER.name] is None and others:
        raise LedgerError(
            f"There is no ledger, but rows in {' and '.join(others)}: nobody knows any more what has been loaded. Restore the "
            "ledger from a backup, or move those tables away: then everything is loaded again from landing."
        )


def _has_rows(handle: DeltaTable) -> bool:
    return bool(handle.file_uris())


def brought_up(place: Place, table: Table) -> DeltaTable:
    """Open an existing table, and add the columns and properties that it lacks. Raises `LedgerError` for any other difference."""
    handle = place.open(table)
    columns = {field.name: field.type for field in pa.schema(handle.schema())}
    for name, kind in columns.items():
        if name not in table.schema.names:
            raise LedgerError(
                f"The table {table.name} has a column {name} ({kind}) that neither this release nor the feed's declaration knows. "
                "A column that once was declared stays declared, with `required: false`; any other is to be removed."
            )
        if not _is_same(kind, table.schema.field(name).type):
            wanted = table.schema.field(name).type
            raise LedgerError(
                f"The column {table.name}.{name} is {kind}, expected {wanted}. Restore the table, or declare the type that it has."
            )
    missing = pa.schema([field for field in table.schema if field.name not in columns])
    if len(missing):
        handle.alter.add_columns(fields(table, missing), post_commithook_properties=NO_HOOKS)
        handle = place.open(table)
    present = handle.metadata().configuration
    if lacking := {name: value for name, value in table.properties.items() if present.get(name) != value}:
        handle.alter.set_table_properties(lacking, post_commithook_properties=NO_HOOKS)
        handle = place.open(table)
    return handle


def _is_same(found: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether the types are equal, or differ only in how long a text may be in memory."""
    short = {pa.large_string(): pa.string(), pa.large_binary(): pa.binary(), pa.string_view(): pa.string()}
    short |= {pa.binary_view(): pa.binary()}
    return bool(short.get(found, found) == wanted)

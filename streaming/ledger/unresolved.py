"""The quarantine entries of objects that no replay has resolved."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from deltalake import QueryBuilder

from conf.tables import LEDGER, QUARANTINE
from streaming.ledger.place import Place
from streaming.rows.replay import RESOLVED, Replay, Unresolved

# Entries of quarantine, as `e`, about an object or one of its records: each once, and none that has a resolution.
ENTRIES = f"""
e.kind IN ('object', 'row') AND NOT EXISTS (
  SELECT 1 FROM quarantine r WHERE r.kind = '{RESOLVED}' AND r.source_identity = e.source_identity
    AND coalesce(r.source_row, 0) = coalesce(e.source_row, 0)
)
"""
_NEWEST = """
SELECT revision, decision, state FROM ledger WHERE source_identity = '{identity}' ORDER BY revision DESC, decision DESC LIMIT 1
"""
_OF_OBJECT = f"""
SELECT e.rule, e.source_row, e.raw, e.raw_size, e.decision FROM quarantine e
WHERE e.source_identity = '{{identity}}' AND {ENTRIES} ORDER BY e.source_row
"""
_READABLE = ("loaded", "quarantined")


def of(place: Place, identity: str, revision: int) -> Replay | None:
    """What a decision of this revision can be about; None unless it would be the object's next one, with something to decide.

    `identity` is in hexadecimal digits. Both tables are read as they are now, which is up to the newest decision.
    """
    newest = next(rows(place, _NEWEST.format(identity=identity)), None)
    if newest is None or newest["revision"] != revision - 1 or newest["state"] not in _READABLE:
        return None
    found = rows(place, _OF_OBJECT.format(identity=identity))
    entries = tuple(Unresolved(**row | {"raw": row["raw"] or b""}) for row in found)
    return Replay(newest["decision"], entries) if entries else None


def rows(place: Place, sql: str) -> Iterator[dict[str, Any]]:
    """The rows that SQL over `ledger` and `quarantine`, as both are now, returns."""
    query = QueryBuilder().register(LEDGER.name, place.open(LEDGER)).register(QUARANTINE.name, place.open(QUARANTINE))
    return (row for batch in query.execute(sql) for row in pa.record_batch(batch).to_pylist())

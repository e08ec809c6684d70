"""Whether both tables hold what the ledger has decided: a decision is committed before its files are rolled forward."""

import time
from collections.abc import Mapping

from conf.tables import LEDGER, Table
from streaming.audit.findings import Findings
from streaming.audit.snapshot import Snapshot
from streaming.ledger.decisions import PROJECTED
from streaming.ledger.log import Ledger
from streaming.ledger.place import Place
from streaming.patience import Patience

# A running query rolls forward within a second.
PATIENCE_SECONDS = 10.0
_PAUSE_SECONDS = 0.2


def await_tables(snapshot: Snapshot, findings: Findings) -> None:
    """Both tables have all that the snapshot's ledger has decided for them; a table that does not is named."""
    wanted = expected(snapshot.place)
    deadline = time.monotonic() + PATIENCE_SECONDS
    for table in PROJECTED:
        while (why := _lacks(snapshot, table, wanted[table.name])) and time.monotonic() < deadline:
            time.sleep(_PAUSE_SECONDS)
        if why:
            findings.add("not_rolled_forward", table.name, why)


def expected(place: Place) -> Mapping[str, int]:
    """The newest decision with files for each table; 0 where there is none."""
    if place.opened(LEDGER) is None:
        return {table.name: 0 for table in PROJECTED}
    newest = Ledger(place, Patience()).newest
    marks = {table.name: newest.newest_for(table.name) if newest else None for table in PROJECTED}
    return {name: mark.number if mark else 0 for name, mark in marks.items()}


def _lacks(snapshot: Snapshot, table: Table, wanted: int) -> str | None:
    """Why the table does not match the ledger; None when it does."""
    handle = snapshot.place.opened(table)
    if handle is None:
        return f"the table is not there, the ledger has decision {wanted} for it" if wanted else None
    reached = handle.transaction_version(snapshot.app_id)
    if reached is None:
        return "the table does not belong to this ledger: one of them was made anew"
    if reached < wanted:
        return f"the ledger's decision {wanted} is not in the table, which ends at {reached}"
    if reached > snapshot.newest and reached > (newest := _newest(snapshot)):
        return f"the table has decision {reached}, the ledger ends at {newest}: it was restored from an older backup"
    return None


def _newest(snapshot: Snapshot) -> int:
    """The ledger's newest decision now: another may have been made since the snapshot."""
    ledger = snapshot.place.opened(LEDGER)
    return (ledger and ledger.transaction_version(snapshot.app_id)) or 0

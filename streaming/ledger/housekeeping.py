"""Keeps the tables and their logs small: few files, and a checkpoint from which a reader begins.

The query does this between two decisions. None of it changes a row: versions made here say OPTIMIZE. Files that an earlier
version needs stay where they are, except in the ledger, which nobody reads at an earlier version: there they go after seven days.
"""

import logging

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from conf.tables import LEDGER, TABLES, Table
from streaming.ledger.decisions import NO_HOOKS
from streaming.ledger.place import Place

log = logging.getLogger(__name__)

# Decisions between two looks at a table; each adds a few files to it. The tables take turns: an object that waits behind the
# look at one table waits a third as long as behind a look at all three.
EVERY = 24
# Decisions between two clean-ups of the ledger's log and of the files that its compactions left.
SELDOM = 1000
FILES = 100
# Small files are merged into larger ones of the next size: each row is rewritten a few times, not once for each compaction.
TARGET_BYTES = (2**20, 16 * 2**20, 128 * 2**20)


class Housekeeping:
    """The query's regular work on its tables."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def after(self, number: int) -> None:
        """Do what is due after this decision. A failure is logged: what was not done now is done the next time."""
        for table in _due(number):
            try:
                self._tidy(table, number)
            except (OSError, DeltaError) as error:
                log.warning("housekeeping of %s is put off: %s", table.name, error)

    def _tidy(self, table: Table, number: int) -> None:
        handle = self._place.open(table)
        compact(handle)
        handle.create_checkpoint()
        if table is LEDGER and number % SELDOM < EVERY:
            handle.cleanup_metadata()
            # Also what killed batches left, which no commit names; it keeps files for longer than any query may stand still between writing
            # a file and committing it.
            handle.vacuum(dry_run=False, full=True)


def _due(number: int) -> list[Table]:
    turn = EVERY // len(TABLES)
    return [table for place, table in enumerate(TABLES) if number % EVERY == place * turn]


def compact(handle: DeltaTable) -> None:
    """At most `FILES` files, or each of them large."""
    for target in TARGET_BYTES:
        if len(handle.file_uris()) <= FILES:
            return
        # One task at a time: memory is the stream's.
        handle.optimize.compact(target_size=target, max_concurrent_tasks=1, post_commithook_properties=NO_HOOKS)

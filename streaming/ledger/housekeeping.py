"""Keeps the tables and their logs small: few files, and a checkpoint from which a reader begins.

The query does this between two decisions. None of it changes a row: versions made here say OPTIMIZE. Files that an earlier
version needs stay where they are, except in the ledger, which nobody reads at an earlier version: there they go after a week.
"""

import json
import logging
from datetime import timedelta

import obstore
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError
from obstore.exceptions import BaseError

from conf.tables import LEDGER, TABLES, Table
from streaming.ledger.decisions import NO_HOOKS
from streaming.ledger.place import Place
from streaming.ledger.vacuum import LEFT_OVER

log = logging.getLogger(__name__)

# Decisions between two looks at a table; each adds a few files to it. The tables take turns: an object that waits behind the
# look at one table waits a third as long as behind a look at all three.
EVERY = 24
# Decisions between two clean-ups of the ledger's log and of the files that its compactions left. Each lists a week of both.
SELDOM = 10_000
FILES = 100
# Small files are merged into larger ones of the next size: each row is rewritten a few times, not once for each compaction.
TARGET_BYTES = (2**20, 16 * 2**20, 128 * 2**20)
# A checkpoint names each file that an earlier version needs, some 60 bytes for each commit so far. So the next one comes after a
# hundredth as many commits as it names files: all checkpoints together are some 6 KB a commit. With one at each look, the log would grow with
# the square: 38 GB for 172,800 commits, a day at two objects a second. A reader opens 1,000 commits behind a checkpoint in 0.9 s (measured).
SHARE = 100
COMMITS_AT_MOST = 1_000


class Housekeeping:
    """The query's regular work on its tables."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._handles: dict[str, DeltaTable] = {}

    def after(self, number: int) -> None:
        """Do what is due after this decision. A failure is logged: what was not done now is done the next time."""
        for table in _due(number):
            try:
                self._tidy(table, number)
            except (OSError, DeltaError, BaseError) as error:
                self._handles.pop(table.name, None)
                log.warning("housekeeping of %s is put off: %s", table.name, error)

    def _tidy(self, table: Table, number: int) -> None:
        handle = self._newest(table)
        compact(handle)
        if _is_worth_it(self._place, table, handle.version()):
            handle.create_checkpoint()
        if table is LEDGER and number % SELDOM < EVERY:
            handle.cleanup_metadata()
            # Also what killed batches left, which no commit names.
            handle.vacuum(LEFT_OVER // timedelta(hours=1), dry_run=False, full=True)
            # Its log may begin later now than this handle knows.
            del self._handles[table.name]

    def _newest(self, table: Table) -> DeltaTable:
        """The table as it is now. Only what is new in its log is read, however many commits lie behind the last checkpoint."""
        handle = self._handles.get(table.name)
        if handle is None:
            handle = self._handles[table.name] = self._place.open(table)
        else:
            handle.update_incremental()
        return handle


def _due(number: int) -> list[Table]:
    turn = EVERY // len(TABLES)
    return [table for place, table in enumerate(TABLES) if number % EVERY == place * turn]


def _is_worth_it(place: Place, table: Table, version: int) -> bool:
    """Whether a checkpoint of this version is worth its bytes (Delta's protocol, "Last Checkpoint File")."""
    try:
        told = json.loads(bytes(obstore.get(place.store(), f"{table.name}/_delta_log/_last_checkpoint").bytes()))
        last, size = int(told["version"]), int(told["size"])
    except (FileNotFoundError, ValueError, KeyError, TypeError, OverflowError):
        # None yet, or one that no reader can use either.
        return True
    return version - last >= max(1, min(size // SHARE, COMMITS_AT_MOST))


def compact(handle: DeltaTable) -> None:
    """At most `FILES` files, or each of them large."""
    for target in TARGET_BYTES:
        if len(handle.file_uris()) <= FILES:
            return
        # One task at a time: memory is the stream's.
        handle.optimize.compact(target_size=target, max_concurrent_tasks=1, post_commithook_properties=NO_HOOKS)

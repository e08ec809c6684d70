"""Identities that are already decided, in a local file beside the checkpoint, so that memory does not grow with the ledger.

It is a cache. It is rebuilt from the ledger when it is missing, damaged, of another ledger, or has reached a decision that
the ledger does not hold (a ledger restored from a backup). An identity is added only after its decision is committed.
"""

import logging
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock

from streaming.ledger.decisions import Mark
from streaming.ledger.log import Ledger

log = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS decided (identity BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reached (ledger TEXT NOT NULL, number INTEGER NOT NULL, id TEXT NOT NULL);
"""
# Below the number of variables that a query may have, with room to spare.
_ASKED_AT_ONCE = 500
_NOTHING = Mark(0, "")


class Index:
    """The identities of one ledger. Several threads may use it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = Lock()
        self._database = self._opened()

    def bring_up_to(self, ledger: Ledger) -> None:
        """The index holds every decision of the ledger's present version, and nothing else."""
        newest = ledger.newest.mark if ledger.newest else _NOTHING
        reached = self._reached(ledger.id)
        if reached == newest:
            return
        if reached is None or reached.number > newest.number or not (reached == _NOTHING or ledger.stands(reached)):
            if newest != _NOTHING:
                log.info("the index is made from the ledger")
            reached = None
        with self._changed() as database:
            if reached is None:
                database.execute("DELETE FROM decided")
            for identities in ledger.identities_after(reached.number if reached else 0):
                _insert(database, identities)
            _set_reached(database, ledger.id, newest)

    def add(self, identities: Iterable[str], ledger_id: str, mark: Mark) -> None:
        """Add what was decided by this decision, which is committed and follows the one that was reached."""
        with self._changed() as database:
            _insert(database, identities)
            _set_reached(database, ledger_id, mark)

    def undecided(self, identities: Sequence[str]) -> set[str]:
        """Return those of the identities that no decision is about."""
        found = set(identities)
        for start in range(0, len(identities), _ASKED_AT_ONCE):
            asked = [bytes.fromhex(one) for one in identities[start : start + _ASKED_AT_ONCE]]
            marks = ",".join("?" * len(asked))
            with self._lock:
                rows = self._database.execute(
                    f"SELECT identity FROM decided WHERE identity IN ({marks})", asked
                )  # question marks only
                found -= {identity.hex() for (identity,) in rows}
        return found

    def close(self) -> None:
        """The file is closed."""
        self._database.close()

    def _reached(self, ledger_id: str) -> Mark | None:
        with self._lock:
            row = self._database.execute("SELECT number, id FROM reached WHERE ledger = ?", [ledger_id]).fetchone()
        return Mark(*row) if row else None

    @contextmanager
    def _changed(self) -> Iterator[sqlite3.Connection]:
        """One transaction: identities beyond what is said to be reached would outlive a ledger that is restored to an earlier decision."""
        with self._lock, self._database:
            yield self._database

    def _opened(self) -> sqlite3.Connection:
        try:
            return _connected(self._file)
        except sqlite3.DatabaseError as error:
            log.warning("the index %s cannot be read (%s): it is made anew", self._file, error)
            for name in (self._file.name, f"{self._file.name}-wal", f"{self._file.name}-shm"):
                self._file.with_name(name).unlink(missing_ok=True)
            return _connected(self._file)


def _connected(file: Path) -> sqlite3.Connection:
    file.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(file, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        # A power loss may cost the last decisions, which the ledger has.
        database.execute("PRAGMA synchronous = NORMAL")
        with closing(database.execute("PRAGMA quick_check(1)")) as checked:
            if checked.fetchone() != ("ok",):
                raise sqlite3.DatabaseError("it is damaged")
        database.executescript(_SCHEMA)
    except BaseException:
        database.close()
        raise
    return database


def _insert(database: sqlite3.Connection, identities: Iterable[str]) -> None:
    database.executemany(
        "INSERT OR IGNORE INTO decided VALUES (?)", ((bytes.fromhex(identity),) for identity in identities)
    )


def _set_reached(database: sqlite3.Connection, ledger_id: str, mark: Mark) -> None:
    database.execute("DELETE FROM reached")
    database.execute("INSERT INTO reached VALUES (?, ?, ?)", [ledger_id, *mark])

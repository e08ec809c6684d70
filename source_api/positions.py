"""The durable memory of who was given what: it survives `kill -9`, and knows a page before the page is sent."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any, Literal, NamedTuple

from source_api.errors import StoreConflictError
from source_api.pages import Page

# FULL makes each commit wait for the disk; WAL's default would lose the last ones when the machine fails.
SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS terms (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    dataset TEXT NOT NULL, origin TEXT NOT NULL CHECK (origin IN ('real', 'generated')),
    seed INTEGER, sha256 TEXT NOT NULL, page_records INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS accumulation (one INTEGER PRIMARY KEY CHECK (one = 1), since REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS pages (
    number INTEGER PRIMARY KEY, key TEXT UNIQUE,
    first_record INTEGER NOT NULL, records INTEGER NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL,
    confirmed INTEGER NOT NULL DEFAULT 0
) STRICT;
"""
PLACES = "SELECT number, key, first_record, records, bytes, sha256 FROM pages"
COUNTS = """
SELECT count(*), count(key) FILTER (WHERE confirmed), count(key) FILTER (WHERE NOT confirmed), count(*) - count(key),
       coalesce(sum(records) FILTER (WHERE key IS NOT NULL), 0), coalesce(max(first_record + records), 0)
FROM pages
"""


Origin = Literal["real", "generated"]


class Terms(NamedTuple):
    """What is fixed when a store is made: the dataset it hands out and the records on a page."""

    dataset: str
    origin: Origin
    seed: int | None
    sha256: str
    page_records: int


class Place(NamedTuple):
    """A page that was given to somebody: its number from 1, its client's key, its extent and its digest.

    Earlier versions gave pages to clients without a key.
    """

    number: int
    key: str | None
    first_record: int
    records: int
    bytes: int
    sha256: str


class Counts(NamedTuple):
    """Pages by what became of them (`served` is the sum of the next three), the records on pages served with a key, and
    the first record not served yet."""

    served: int
    confirmed: int
    unconfirmed: int
    elsewhere: int
    records: int
    next_record: int


class Positions:
    """The store, one SQLite file. Safe to share between threads, and between processes.

    Raises `StoreConflictError` when the file is no SQLite database.
    """

    def __init__(self, path: Path) -> None:
        self._lock = RLock()
        self._database = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        try:
            self._database.executescript(SCHEMA)
        except sqlite3.DatabaseError as error:
            self._database.close()
            raise StoreConflictError(
                f"{path}: {error}. Restore it, or start a new stack with another LAKE_HOME."
            ) from error

    def terms(self) -> Terms | None:
        """What the store was made for, `None` while it is new."""
        rows = self._rows("SELECT dataset, origin, seed, sha256, page_records FROM terms")
        return Terms(*rows[0]) if rows else None

    def settle(self, terms: Terms) -> None:
        """Fix the terms of a new store, once and for all."""
        with self._transaction():
            self._rows("INSERT INTO terms VALUES (1, ?, ?, ?, ?, ?)", *terms)

    def since(self, now: float) -> float:
        """When records began to accumulate, in seconds since the epoch: `now` the first time, and the same ever after."""
        with self._transaction():
            self._rows("INSERT OR IGNORE INTO accumulation VALUES (1, ?)", now)
            return float(self._rows("SELECT since FROM accumulation")[0][0])

    def take(self, key: str, next_page: Callable[[int], Page | None]) -> Place | None:
        """The page that `key` was given before, else the next one. It is on disk as given when this returns.

        `next_page` makes the page that starts at a record, or `None` when there is none: then nothing is stored and
        the key stays unused.
        """
        with self._transaction():
            known = self._places("WHERE key = ?", key)
            return known[0] if known else self._assigned(key, next_page)

    def place(self, number: int) -> Place | None:
        """The page of that number, `None` when it was never served."""
        places = self._places("WHERE number = ?", number)
        return places[0] if places else None

    def confirm(self, number: int) -> None:
        """Remember that the client has the page; doing so again changes nothing."""
        with self._transaction():
            self._rows("UPDATE pages SET confirmed = 1 WHERE number = ?", number)

    def listed(self, *, confirmed: bool, after: int, limit: int) -> list[Place]:
        """The first `limit` pages with a key beyond number `after` that are confirmed, or are not, in order of number."""
        which = "WHERE key IS NOT NULL AND confirmed = ? AND number > ? ORDER BY number LIMIT ?"
        return self._places(which, confirmed, after, limit)

    def counts(self) -> Counts:
        """The pages as they stand now."""
        return Counts(*self._rows(COUNTS)[0])

    def close(self) -> None:
        """Let go of the file; nothing is lost without it."""
        with self._lock:
            self._database.close()

    def _assigned(self, key: str, next_page: Callable[[int], Page | None]) -> Place | None:
        last = self._places("ORDER BY number DESC LIMIT 1")
        number, first = (last[0].number + 1, last[0].first_record + last[0].records) if last else (1, 0)
        page = next_page(first)
        if page is None:
            return None
        place = Place(number, key, first, page.records, len(page.content), page.sha256)
        self._rows("INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?, 0)", *place)
        return place

    def _places(self, which: str, *values: object) -> list[Place]:
        return [Place(*row) for row in self._rows(f"{PLACES} {which}", *values)]

    def _rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._database.execute(statement, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """One change at a time, on disk when it ends; undone when it raises."""
        with self._lock, self._database:
            self._database.execute("BEGIN IMMEDIATE")
            yield

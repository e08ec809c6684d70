"""The versions of `messages`: what the commit of each says, and which one holds a decision."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import obstore
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from conf.tables import LEDGER, MESSAGES
from conf.versions import history
from conf.versions.readable import ranges
from streaming.errors import LookError
from streaming.ledger.decisions import application, said_by
from streaming.ledger.place import Place, log_file


@dataclass(frozen=True)
class Version:
    """One version as its commit in the log describes it."""

    number: int
    committed_at: datetime
    operation: str
    engine: str
    said: dict[str, Any]
    """The JSON object in its user metadata; empty where there is none."""
    transactions: dict[str, int]
    added: Sequence[dict[str, Any]]
    removed: Sequence[dict[str, Any]]

    @property
    def changes_rows(self) -> bool:
        """Whether rows came or went since the version before: not after a compaction."""
        return any(file.get("dataChange", True) for file in (*self.added, *self.removed))

    @property
    def rows_added(self) -> int | None:
        """The rows in its new files; None where a file does not say."""
        told = [json.loads(file.get("stats") or "{}").get("numRecords") for file in self.added if file["dataChange"]]
        return None if None in told else sum(told)


class Versions:
    """The versions of `messages` in one place."""

    def __init__(self, place: Place) -> None:
        """Raises `LookError` when there is no such table yet."""
        self.place = place
        self._store = place.store()
        self._newest = _opened(place)
        ledger = place.opened(LEDGER)
        self._app_id = application(ledger.metadata().id) if ledger else None

    @property
    def newest(self) -> int:
        return self._newest.version()

    def at(self, version: int | None = None, as_of: datetime | None = None) -> DeltaTable:
        """The table as of this version, or at this moment, or now. Raises a `LookError` that says which versions there are, or when the table begins."""
        if as_of is not None:
            version = self._at_moment(as_of)
        if version is None:
            return self._newest
        if not 0 <= version <= self.newest:
            raise self.unreadable(version, "it does not exist")
        try:
            return self.place.open(MESSAGES, version)
        except DeltaError as error:
            raise self.unreadable(version, str(error).strip().splitlines()[0]) from error

    def unreadable(self, version: int, why: str) -> LookError:
        """The error for a version that cannot be read: it lists those that can."""
        address = self.place.address(MESSAGES)
        can = ranges(history.read(address).readable(history.listed(address)))
        return LookError(f"Version {version} of {MESSAGES.name} cannot be read: {why}. Can be read: {can or 'none'}.")

    def commit(self, version: int) -> Version:
        """What the log says of this version. Raises `LookError` when it does not exist or the log no longer has it."""
        if not 0 <= version <= self.newest:
            raise LookError(f"There is no version {version} of {MESSAGES.name}: the newest is {self.newest}.")
        try:
            body = bytes(obstore.get(self._store, log_file(MESSAGES, version)).bytes())
        except FileNotFoundError:
            raise LookError(
                f"The log of {MESSAGES.name} no longer says what made version {version}. Its first commit is that of version "
                f"{self._first_commit()}."
            ) from None
        return _version(version, body)

    def decision(self, commit: Version) -> int | None:
        """The decision whose rows a commit brought; None for a compaction, a change of properties, or a commit of an unknown writer."""
        return commit.transactions.get(self._app_id or "") or None

    def decided(self, table: DeltaTable) -> int | None:
        """The newest decision that this version holds, 0 before the first; None where it knows no ledger."""
        return table.transaction_version(self._app_id) if self._app_id else None

    def holding(self, decision: int | None) -> int | None:
        """The version that brought the rows of this decision; None where the log does not tell.

        The number of commits read grows with the logarithm of all, plus some beside compactions.
        """
        if decision is None:
            return None
        low, high = self._first_commit(), self.newest
        while low <= high:
            middle = (low + high) // 2
            version, reached = self._reached(middle, low)
            if reached is None or reached < decision:
                low = middle + 1
            elif reached > decision:
                high = version - 1
            else:
                return version
        return None

    def _reached(self, version: int, low: int) -> tuple[int, int | None]:
        """The version and number of the newest decision from version `low` to this one; compactions commit none."""
        for number in range(version, low - 1, -1):
            reached = self.commit(number).transactions.get(self._app_id or "")
            if reached is not None:
                return number, reached
        return low, None

    def _first_commit(self) -> int:
        commits, _ = history.logged(self.place.address(MESSAGES))
        return min(commits, default=0)

    def _at_moment(self, moment: datetime) -> int:
        first = self._first_commit()
        if moment < (since := self.commit(first).committed_at):
            raise LookError(
                f"At {moment:%Y-%m-%d %H:%M:%S%z} there was no {MESSAGES.name}: it begins at {since:%Y-%m-%d %H:%M:%S%z}."
            )
        low, high = first, self.newest
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.commit(middle).committed_at <= moment else (low, middle - 1)
        return low


def moment(text: str) -> datetime:
    """A moment as people write it, in ISO 8601; without a zone it is UTC. Raises `LookError`."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise LookError(
            f"{text!r} is no moment. Write it as 2026-01-31, 2026-01-31T12:00 or 2026-01-31T12:00:00+01:00."
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _opened(place: Place) -> DeltaTable:
    found = place.opened(MESSAGES)
    if found is None:
        raise LookError(f"There is no table {MESSAGES.name} yet: the query makes it when it starts (`lake up`).")
    return found


def _version(number: int, body: bytes) -> Version:
    actions = [json.loads(line) for line in body.splitlines() if line.strip()]
    info: dict[str, Any] = next((one["commitInfo"] for one in actions if "commitInfo" in one), {})
    return Version(
        number,
        datetime.fromtimestamp(info.get("timestamp", 0) / 1000, UTC),
        info.get("operation", "unknown"),
        info.get("engineInfo", "unknown"),
        said_by(info.get("userMetadata")),
        {one["txn"]["appId"]: one["txn"]["version"] for one in actions if "txn" in one},
        [one["add"] for one in actions if "add" in one],
        [one["remove"] for one in actions if "remove" in one],
    )

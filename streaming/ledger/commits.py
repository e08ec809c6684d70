"""One Delta table's log as the query writes it: each commit is one conditional PUT of the next version.

The version is the fence: it is put with `If-None-Match: *`, so one of several writers wins it. A writer has seen every commit
up to `version` and puts only the next. If that exists already, the writer reads it. It is the writer's own commit whose
answer was lost, somebody's compaction, after which the writer goes on, or a rival's transaction, which ends the attempt.

delta-rs commits the same way, but its handle must be refreshed afterwards: three LISTs of the log and some twenty GETs for
each commit (measured), against one PUT here. Format: Delta's protocol, "Actions" (github.com/delta-io/delta, PROTOCOL.md).
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError

from conf.tables import Table
from streaming.ledger.decisions import LedgerError, application, said_by
from streaming.ledger.place import Place, log_file
from streaming.patience import Patience
from streaming.rows.files import DataFile

ENGINE = "sms-lakehouse"
# Far below the days for which the ledger's log is kept: after them, a version that was cleaned away could be put again.
STANDSTILL_SECONDS = 86_400


@dataclass(frozen=True)
class Commit:
    """What one version's commit says."""

    transactions: dict[str, int] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)
    """The JSON object in its user metadata; empty where there is none."""
    alters: bool = False
    """Whether it changes columns, properties or protocol."""


class CommitLog:
    """The log of one table, as of one version, and a ledger's transactions in it."""

    def __init__(self, place: Place, table: Table, patience: Patience, ledger_id: str | None = None) -> None:
        """Go to the newest version. Without `ledger_id` the table is the ledger itself."""
        handle = place.open(table)
        self.table = table
        self._place = place
        self._looked = time.monotonic()
        self.id = str(handle.metadata().id)
        self.version: int = handle.version()
        self.app_id = application(ledger_id or self.id)
        self.reached: int | None = handle.transaction_version(self.app_id)
        """The newest transaction of the ledger; None when the table belongs to another one."""
        self._store = place.store()
        self._patience = patience

    def append(self, number: int, files: Sequence[DataFile], metadata: str) -> Commit | None:
        """Commit these files as transaction `number`, exactly once: None when that is done.

        Otherwise nothing has happened, and the rival's commit that was first is returned. Waits for as long as the object
        store is away; each attempt shows whether the one before it stands.
        """
        self._require_recent()
        body = self._body(number, files, metadata)
        ours = said_by(metadata)
        for attempt in self._patience.attempts():
            try:
                while (found := self._put_next(body)) is not None:
                    if found.said == ours:
                        return None
                    if self.app_id in found.transactions:
                        return found
            except (BaseError, OSError) as error:
                self._patience.wait(attempt, f"commit {number} of {self.table.name}: {_line(error)}")
            else:
                break
        return None

    def follow(self) -> list[Commit]:
        """Return the commits since `version`, and move it to the newest."""
        found = []
        for attempt in self._patience.attempts():
            try:
                while (commit := self._read(self.version + 1)) is not None:
                    found.append(self._seen(commit))
                break
            except (BaseError, OSError) as error:
                self._patience.wait(attempt, f"the log of {self.table.name} cannot be read: {_line(error)}")
        return found

    def backwards(self) -> Iterator[Commit]:
        """The commits up to `version`, the newest first, as far back as the log reaches."""
        for version in range(self.version, -1, -1):
            commit = self._read(version)
            if commit is None:
                return
            yield commit

    def missing(self, files: Sequence[DataFile]) -> list[str]:
        """The paths of those files that are not where they should be, or have another size."""
        return [file.path for file in files if not self._lies(file)]

    def _require_recent(self) -> None:
        """After a long standstill the log is compared with the table's newest version, before it is written to."""
        if time.monotonic() - self._looked > STANDSTILL_SECONDS:
            self.follow()
            if (newest := self._place.open(self.table).version()) != self.version:
                raise LedgerError(
                    f"The query stood still at version {self.version} of {self.table.name}, which has {newest} by now. "
                    "Start it again."
                )
        self._looked = time.monotonic()

    def _put_next(self, body: bytes) -> Commit | None:
        """None when the next version is ours now; otherwise the commit that is there, which counts as seen."""
        try:
            obstore.put(self._store, log_file(self.table, self.version + 1), body, mode="create")
        except AlreadyExistsError:
            commit = self._read(self.version + 1)
            if commit is None:
                raise FileNotFoundError(f"version {self.version + 1} exists and cannot be read") from None
            return self._seen(commit)
        self._seen(_parsed(body))
        return None

    def _seen(self, commit: Commit) -> Commit:
        if commit.alters:
            raise LedgerError(f"The table {self.table.name} was altered while the query ran. Start the query again.")
        self.version += 1
        self.reached = commit.transactions.get(self.app_id, self.reached)
        return commit

    def _read(self, version: int) -> Commit | None:
        try:
            return _parsed(bytes(obstore.get(self._store, log_file(self.table, version)).bytes()))
        except FileNotFoundError:
            return None

    def _lies(self, file: DataFile) -> bool:
        try:
            return obstore.head(self._store, f"{self.table.name}/{file.path}")["size"] == file.size
        except FileNotFoundError:
            return False

    def _body(self, number: int, files: Sequence[DataFile], metadata: str) -> bytes:
        now = int(time.time() * 1000)
        info = {
            "timestamp": now,
            "operation": "WRITE",
            "operationParameters": {"mode": "Append", "partitionBy": "[]"},
            "isBlindAppend": True,
            "engineInfo": ENGINE,
            "userMetadata": metadata,
        }
        transaction = {"appId": self.app_id, "version": number, "lastUpdated": now}
        adds = [_add(file, now) for file in files]
        return b"\n".join(json.dumps(one).encode() for one in [{"commitInfo": info}, {"txn": transaction}, *adds])


def _add(file: DataFile, now: int) -> dict[str, Any]:
    told = {"path": file.path, "partitionValues": {}, "size": file.size, "modificationTime": now}
    return {"add": told | {"dataChange": True, "stats": file.stats}}


def _parsed(body: bytes) -> Commit:
    actions = [json.loads(line) for line in body.splitlines() if line.strip()]
    transactions = {one["txn"]["appId"]: one["txn"]["version"] for one in actions if "txn" in one}
    told = next((one["commitInfo"].get("userMetadata") for one in actions if "commitInfo" in one), None)
    alters = any("metaData" in one or "protocol" in one for one in actions)
    return Commit(transactions, said_by(told), alters)


def _line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]

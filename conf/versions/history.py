"""Which versions a Delta table has, which files each of them needs, and which can still be read.

A file belongs to the versions from the commit that adds it up to the one that removes it (Delta's protocol, "Action
Reconciliation"). So the whole history is one list of files with two numbers each, however many versions there are.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any
from urllib.parse import unquote

import obstore
import pyarrow as pa
from deltalake.exceptions import DeltaError

from conf.versions.address import Address

_COMMIT = re.compile(r"_delta_log/(\d{20})\.json$")
_CHECKPOINT = re.compile(r"_delta_log/(\d{20})\.checkpoint[.\w-]*\.parquet$")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# GETs at a time: 2,000 commits a second from local MinIO.
_AT_ONCE = 16


class LogError(DeltaError):
    """A commit of a table's log cannot be read; handled as delta-rs's own errors are."""


@dataclass(frozen=True)
class File:
    """A data file, and the versions that need it: from `born` up to the one before `died`."""

    path: str
    size: int
    born: int
    rows: int | None = None
    died: int | None = None
    """None while the newest version needs it."""


@dataclass(frozen=True)
class Commit:
    """When a version was made, as its commit says and as its log file shows, in UTC."""

    said: datetime
    stored: datetime

    @property
    def latest(self) -> datetime:
        """The later of the two. A copied table has young log files, and a clock that goes wrong says anything."""
        return max(self.said, self.stored)


@dataclass(frozen=True)
class History:
    """The versions from `first` to `newest`, and every file that one of them needs."""

    first: int
    newest: int
    files: tuple[File, ...]
    commits: Mapping[int, Commit] = field(repr=False)
    """By version. The first may have none, where an old log was cleaned up."""

    def needed_by(self, versions: Collection[int]) -> list[File]:
        """The files that at least one of these versions needs."""
        ordered = sorted(versions)

        def is_needed(file: File) -> bool:
            place = bisect_left(ordered, file.born)
            return place < len(ordered) and (file.died is None or ordered[place] < file.died)

        return [file for file in self.files if is_needed(file)]

    def readable(self, present: Mapping[str, int]) -> list[int]:
        """The versions whose files are all among `present`, in their size; paths as `listed` gives them."""
        gone = [file for file in self.files if present.get(file.path) != file.size]
        return self.without(gone)

    def without(self, files: Iterable[File]) -> list[int]:
        """The versions that need none of these files."""
        changes = [0] * (self.newest - self.first + 2)
        for file in files:
            changes[max(file.born - self.first, 0)] += 1
            changes[(self.newest + 1 if file.died is None else file.died) - self.first] -= 1
        lacking = list(accumulate(changes))
        return [version for version in range(self.first, self.newest + 1) if not lacking[version - self.first]]

    def as_of(self, moment: datetime) -> int | None:
        """The newest version whose commit says that it was made by this moment; None when all are later."""
        return max((version for version, commit in self.commits.items() if commit.said <= moment), default=None)


def listed(address: Address) -> dict[str, int]:
    """The data files in the table's folder that are there now, whether or not a commit names them: path and size."""
    return {path: size for path, size, _ in data_files(address)}


def data_files(address: Address) -> Iterator[tuple[str, int, datetime]]:
    """Path, size and time of each Parquet file of the table's folder; not those of its log."""
    prefix = f"{address.name}/"
    for page in obstore.list(address.store(), prefix=prefix):
        for one in page:
            path = one["path"].removeprefix(prefix)
            if path.endswith(".parquet") and not path.startswith(("_", ".")):
                yield path, one["size"], one["last_modified"]


def files_of(address: Address, version: int) -> list[File]:
    """The files of one version. Raises delta-rs's errors when the log does not lead to it."""
    actions = pa.table(address.open(version).get_add_actions(flatten=True)).to_pylist()
    return [File(unquote(one["path"]), one["size_bytes"], version, one.get("num_records")) for one in actions]


def read(address: Address) -> History:
    """The history of a table, as far back as its log reaches. Raises delta-rs's errors when there is no table."""
    address.open()
    stored, checkpoints = logged(address)
    newest = max(stored, default=max(checkpoints, default=0))
    first = _first(stored, checkpoints, newest)
    base = files_of(address, first) if first else []
    behind = range(first + 1 if first else 0, newest + 1)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        bodies = dict(zip(behind, pool.map(lambda version: _actions(address, version), behind), strict=True))
    commits = {version: Commit(_said(body) or stored[version], stored[version]) for version, body in bodies.items()}
    return History(first, newest, tuple(_lives(base, bodies)), commits)


def _lives(base: Iterable[File], bodies: Mapping[int, list[dict[str, Any]]]) -> Iterator[File]:
    alive = {file.path: file for file in base}
    for version, actions in bodies.items():
        for path in (unquote(one["remove"]["path"]) for one in actions if "remove" in one):
            if file := alive.pop(path, None):
                yield File(file.path, file.size, file.born, file.rows, version)
        for added in (one["add"] for one in actions if "add" in one):
            path = unquote(added["path"])
            rows = json.loads(added.get("stats") or "{}").get("numRecords")
            # A commit may name a file again, to say more about it.
            born = alive[path].born if path in alive else version
            alive[path] = File(path, added["size"], born, rows)
    yield from alive.values()


def logged(address: Address) -> tuple[dict[int, datetime], set[int]]:
    """The versions with a commit in the log and when it was stored, and those with a checkpoint."""
    stored, checkpoints = {}, set()
    for page in obstore.list(address.store(), prefix=f"{address.name}/_delta_log/"):
        for one in page:
            if found := _COMMIT.search(one["path"]):
                stored[int(found[1])] = one["last_modified"]
            elif found := _CHECKPOINT.search(one["path"]):
                checkpoints.add(int(found[1]))
    return stored, checkpoints


def faults_of_log(address: Address) -> dict[int, str]:
    """The commits that keep the log from being read, and why: missing between others, or no JSON. Each is read once."""
    stored, checkpoints = logged(address)
    start = min(stored, default=0) if checkpoints else 0
    found = dict.fromkeys(set(range(start, max(stored, default=0))).difference(stored), "it is missing")
    for version in stored:
        try:
            _actions(address, version)
        except LogError as error:
            found[version] = str(error.__cause__)
    return dict(sorted(found.items()))


def _first(stored: Mapping[int, datetime], checkpoints: Collection[int], newest: int) -> int:
    """The earliest version to which the log leads: 0, or that of a checkpoint after which no commit is missing."""
    start = newest
    while start in stored:
        start -= 1
    if start < 0:
        return 0
    return min((version for version in checkpoints if version >= start), default=newest)


def _actions(address: Address, version: int) -> list[dict[str, Any]]:
    body = bytes(obstore.get(address.store(), f"{address.name}/_delta_log/{version:020d}.json").bytes())
    try:
        return [json.loads(line) for line in body.splitlines() if line.strip()]
    except ValueError as error:
        raise LogError(f"Commit {version} in the log of {address} is damaged: {error}") from error


def _said(actions: Iterable[Mapping[str, Any]]) -> datetime | None:
    told = next((one["commitInfo"].get("timestamp") for one in actions if "commitInfo" in one), None)
    return None if told is None else _EPOCH + timedelta(milliseconds=told)

"""Checks which files of a table version are left, before anything is computed from them. Needs no Spark."""

from collections.abc import Mapping, Sequence

from deltalake.exceptions import DeltaError, TableNotFoundError

from conf.versions import history, readable
from conf.versions.address import Address
from training.differences import MISSING, Difference
from training.errors import SnapshotError
from training.verdict import Judgement, Verdict

DEEP = "`lake audit --deep` names the rows that do not hold what they held; a backup has them (`docs/backup.md`)."
BACKUP = "The log of a table is written once: a backup has the commits that are damaged here (`docs/backup.md`)."
# Characters kept of delta-rs's message about a log, which can be pages long.
SAID = 200


def judge(address: Address, version: int) -> Judgement | None:
    """None when every file of the version is there in its size and can be read to its end; otherwise, which are not.

    Raises `SnapshotError` when the store does not answer.
    """
    try:
        with readable.asked(address):
            return _judge(address, version)
    except readable.VersionError as error:
        if isinstance(error.__cause__, TableNotFoundError):
            return Judgement(Verdict.DATA_GONE, [Difference(f"table {address}", "there", MISSING)], advice=str(error))
        raise SnapshotError(str(error)) from error


def judge_log(address: Address) -> Judgement | None:
    """None when the log can be read from its beginning to its end. Spark needs all of it, whatever the version."""
    with readable.asked(address):
        damage = history.faults_of_log(address)
    return Judgement(Verdict.DATA_CHANGED, _of_log(damage), advice=BACKUP) if damage else None


def rewritten(address: Address, version: int) -> list[Difference]:
    """The version's files that were stored after the commit that named them: Delta never writes a file again."""
    known = history.read(address)
    stored = {path: moment for path, _, moment in history.data_files(address)}
    return [
        Difference(f"file {file.path}", f"in the commit of {commit.stored}", f"stored at {stored[file.path]}")
        for file in known.needed_by({version})
        if (commit := known.commits.get(file.born)) and file.path in stored and stored[file.path] > commit.stored
    ]


def _judge(address: Address, version: int) -> Judgement | None:
    try:
        files = history.files_of(address, version)
    except TableNotFoundError:
        raise
    except DeltaError as error:
        return _unopened(address, version, error)
    present = history.listed(address)
    gone = [Difference(f"file {one.path}", "there", MISSING) for one in files if one.path not in present]
    if gone:
        return _gone(address, gone)
    sizes = [
        Difference(f"file {one.path}", f"{one.size} bytes", f"{present[one.path]} bytes")
        for one in files
        if present[one.path] != one.size
    ]
    found = sizes or [
        Difference(f"file {one.path}", "can be read", why) for one in files if (why := readable.fault(address, one))
    ]
    return Judgement(Verdict.DATA_CHANGED, found, advice=DEEP) if found else None


def _unopened(address: Address, version: int, error: DeltaError) -> Judgement:
    """The log does not lead to the version: it never did, no longer does, or is damaged. The store answers, or raises."""
    damage = history.faults_of_log(address)
    try:
        return _gone(address, [Difference(f"version {version}", "there", MISSING), *_of_log(damage)])
    except DeltaError:
        found = _of_log(damage) or [Difference(f"log of {address}", "can be read", " ".join(str(error).split())[:SAID])]
        return Judgement(Verdict.DATA_CHANGED, found, advice=BACKUP)


def _of_log(damage: Mapping[int, str]) -> list[Difference]:
    return [Difference(f"commit {version}", "can be read", why) for version, why in damage.items()]


def _gone(address: Address, found: Sequence[Difference]) -> Judgement:
    left = readable.ranges(history.read(address).readable(history.listed(address)))
    return Judgement(Verdict.DATA_GONE, found, advice=f"These versions can be read: {left or 'none'}.")

"""Checks whether a version can really be read: all its files are there. The log alone does not say so."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress

import obstore
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake.exceptions import DeltaError, TableNotFoundError
from obstore.exceptions import BaseError

from conf.errors import LakeError
from conf.runs import runs
from conf.versions import history, pins, vacuumed
from conf.versions.address import Address
from conf.versions.pins import Pin

NAMED = 20


class VersionError(LakeError):
    """A version of a table cannot be read, or cannot be kept; the message names those that can."""


@contextmanager
def asked(address: Address) -> Iterator[None]:
    """An error while a table's log, files and pins are looked at becomes a `VersionError` of one line."""
    try:
        yield
    except TableNotFoundError as error:
        raise VersionError(
            f"There is no Delta table at {address}. The streaming query makes it when it starts."
        ) from error
    except (DeltaError, BaseError, OSError) as error:
        raise VersionError(f"The table at {address} cannot be read: {' '.join(str(error).split())[:400]}") from error


def require(address: Address, version: int) -> None:
    """All files of this version are there. Raises `VersionError`, which names the versions that can be read."""
    try:
        files = history.files_of(address, version)
    except DeltaError as error:
        raise _refusal(address, f"Version {version} of {address} does not exist") from error
    present = history.listed(address)
    gone = sorted(file.path for file in files if present.get(file.path) != file.size)
    if gone:
        why = f"{len(gone)} of its {len(files)} files are gone, such as {gone[0]}"
        raise _refusal(address, f"Version {version} of {address} cannot be read any more: {why}")


def pin(address: Address, wanted: Pin) -> None:
    """The version is pinned and can be read, for as long as the pin holds. Raises `VersionError`.

    The pin is there before the last look at the version: whatever a vacuum does meanwhile, it sees the pin, or is seen.
    """
    require(address, wanted.version)
    pins.put(address, wanted)
    try:
        _require_spared(address, wanted.version)
    except VersionError:
        # A training may not remove pins; MinIO says so by a general error. A pin that is left over does no harm.
        with suppress(BaseError, OSError):
            pins.remove(address, wanted)
        raise


def damaged(address: Address, versions: Collection[int]) -> dict[int, str]:
    """The versions that do not exist or have a file that cannot be read to its end, with the reason. Each file is read once."""
    known = history.read(address)
    there = [version for version in versions if known.first <= version <= known.newest]
    found = dict.fromkeys(set(versions).difference(there), "it does not exist")
    for file in known.needed_by(there):
        if why := fault(address, file):
            hit = (one for one in there if file.born <= one and (file.died is None or one < file.died))
            found |= dict.fromkeys(hit, f"{file.path}: {why}")
    return found


def fault(address: Address, file: history.File) -> str | None:
    """Why the file cannot be read from beginning to end, or None when it can."""
    try:
        body = obstore.get(address.store(), f"{address.name}/{file.path}").bytes()
        rows = pq.read_table(pa.BufferReader(body)).num_rows
    except FileNotFoundError:
        return "it is gone"
    except (pa.ArrowException, OSError) as error:
        return str(error).splitlines()[0]
    return None if file.rows in {None, rows} else f"{rows} rows, expected {file.rows}"


def ranges(versions: Iterable[int]) -> str:
    """`0 to 3, 7, 9 to 12`; only the last ranges when there are very many."""
    told = list(runs(sorted(versions)))
    return ", ".join(["…", *told[-NAMED:]] if len(told) > NAMED else told)


def _require_spared(address: Address, version: int) -> None:
    vacuum = vacuumed.told(address)
    if vacuum and version in vacuum.doomed:
        raise _refusal(address, f"Version {version} of {address} is being deleted by a vacuum", vacuum.doomed)
    require(address, version)


def _refusal(address: Address, what: str, besides: Collection[int] = ()) -> VersionError:
    left = set(history.read(address).readable(history.listed(address))) - set(besides)
    can = f"These versions can be read: {ranges(left)}." if left else "No version can be read."
    return VersionError(f"{what}. {can}")

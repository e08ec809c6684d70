"""Reads exactly one version of the table `messages`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]  # it ships no types
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import DataFrame, SparkSession

from conf.versions import history, readable
from conf.versions.address import Address
from conf.versions.pins import Pin
from training.errors import SnapshotError

COLUMNS = ("label", "text")


@dataclass(frozen=True)
class Snapshot:
    """The rows of one table version, lazily: `label` and `text`."""

    location: str
    version: int
    messages: DataFrame


def resolve(address: Address, version: int | None, moment: datetime | None = None) -> int:
    """The number of this version, of the newest at that moment, or of the newest now. That version can be read.

    Needs no Spark. Raises `SnapshotError` when there is no table, and when a file of that version is gone: it names the versions
    that can be read, and never takes another one instead.
    """
    with asked(address):
        found = _number(address, version, moment)
        readable.require(address, found)
    return found


def pin(address: Address, wanted: Pin) -> None:
    """No vacuum makes the version unreadable for as long as the pin holds. Raises `SnapshotError`."""
    with asked(address):
        readable.pin(address, wanted)


@contextmanager
def asked(address: Address) -> Iterator[None]:
    """An error while the table's files and pins are looked at becomes a `SnapshotError`."""
    try:
        with readable.asked(address):
            yield
    except readable.VersionError as error:
        raise SnapshotError(str(error)) from error


def _number(address: Address, version: int | None, moment: datetime | None) -> int:
    if moment is None:
        return int(address.open().version()) if version is None else version
    known = history.read(address)
    found = known.as_of(moment)
    if found is None:
        first = min(commit.said for commit in known.commits.values())
        raise SnapshotError(f"The table at {address} has no version as old as {moment}: its first is of {first}.")
    return found


def read(spark: SparkSession, location: str, version: int) -> Snapshot:
    """Exactly this version of a table that exists. Raises `SnapshotError`."""
    table = rows(spark, location, version)
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise SnapshotError(f"Version {version} of {location} has no column {', '.join(missing)}. Is it `messages`?")
    return Snapshot(location, version, table.select(*COLUMNS))


def rows(spark: SparkSession, location: str, version: int) -> DataFrame:
    """All columns of exactly this version of any table. Raises `SnapshotError`."""
    with reading(location):
        return spark.read.format("delta").option("versionAsOf", version).load(location)


@contextmanager
def reading(location: str) -> Iterator[None]:
    """An error of Spark while it reads the table at `location` becomes a `SnapshotError` of one line."""
    try:
        yield
    except AnalysisException as error:
        raise SnapshotError(_explained(location, error)) from error
    except (PySparkException, Py4JJavaError) as error:
        reason = str(error).strip().splitlines()
        raise SnapshotError(f"The table at {location} cannot be read: {' '.join(reason[:2])}") from error


def _explained(location: str, error: AnalysisException) -> str:
    known = error.getMessageParameters() or {}
    if error.getCondition() == "DELTA_VERSION_NOT_FOUND":
        return (
            f"Version {known['userVersion']} of {location} does not exist. "
            f"Versions {known['earliest']} to {known['latest']} can be read."
        )
    if "RETENTION_DURATION" in (error.getCondition() or ""):
        return (
            f"Delta refuses this version of {location}: the table's property delta.deletedFileRetentionDuration is shorter than the version is old. "
            "The streaming query puts the table's properties back when it starts."
        )
    return f"The table at {location} cannot be read: {str(error).splitlines()[0]}"

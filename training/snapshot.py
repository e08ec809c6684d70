"""Reads exactly one version of the table `messages`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from delta.tables import DeltaTable
from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]  # it ships no types
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import DataFrame, SparkSession

from training.errors import SnapshotError

COLUMNS = ("label", "text", "row_hash")


@dataclass(frozen=True)
class Snapshot:
    """The rows of one table version, lazily: `label`, `text` and `row_hash`."""

    location: str
    version: int
    messages: DataFrame


def read(spark: SparkSession, location: str, version: int | None) -> Snapshot:
    """The version asked for; without one, the newest at this moment, as a number from here on. Raises `SnapshotError`."""
    with readable(location):
        if not DeltaTable.isDeltaTable(spark, location):
            raise SnapshotError(f"There is no Delta table at {location}. The streaming query makes it when it starts.")
        number = _newest(spark, location) if version is None else version
        table = spark.read.format("delta").option("versionAsOf", number).load(location)
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise SnapshotError(f"Version {number} of {location} has no column {', '.join(missing)}. Is it `messages`?")
    return Snapshot(location, number, table.select(*COLUMNS))


def _newest(spark: SparkSession, location: str) -> int:
    [newest] = DeltaTable.forPath(spark, location).history(1).select("version").collect()
    return int(newest["version"])


@contextmanager
def readable(location: str) -> Iterator[None]:
    """What Spark raises while it reads the table at `location` becomes a `SnapshotError` of one line."""
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
    return f"The table at {location} cannot be read: {str(error).splitlines()[0]}"

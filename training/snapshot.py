"""Reads exactly one version of the table `messages`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError
from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]  # it ships no types
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import DataFrame, SparkSession

from conf.s3 import delta_options
from conf.settings import S3Access
from training.errors import SnapshotError

COLUMNS = ("label", "text", "row_hash")


@dataclass(frozen=True)
class Snapshot:
    """The rows of one table version, lazily: `label`, `text` and `row_hash`."""

    location: str
    version: int
    messages: DataFrame


def resolve(location: str, access: S3Access, version: int | None) -> int:
    """This version, or without one the newest at this moment: as a number from here on.

    `location` is a folder, or an address in MinIO, which is read as `access` says. Needs no Spark; raises
    `SnapshotError` when there is no table, but whether it has the version is left to `read`.
    """
    in_minio = location.startswith("s3a://")
    try:
        table = DeltaTable(
            location.replace("s3a://", "s3://"), storage_options=delta_options(access) if in_minio else {}
        )
    except TableNotFoundError as error:
        raise SnapshotError(
            f"There is no Delta table at {location}. The streaming query makes it when it starts."
        ) from error
    except DeltaError as error:
        raise SnapshotError(f"The table at {location} cannot be read: {str(error).splitlines()[0]}") from error
    return table.version() if version is None else version


def read(spark: SparkSession, location: str, version: int) -> Snapshot:
    """Exactly this version of a table that exists. Raises `SnapshotError`."""
    with readable(location):
        table = spark.read.format("delta").option("versionAsOf", version).load(location)
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise SnapshotError(f"Version {version} of {location} has no column {', '.join(missing)}. Is it `messages`?")
    return Snapshot(location, version, table.select(*COLUMNS))


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

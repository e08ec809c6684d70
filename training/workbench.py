"""What a notebook begins with: a Spark session, the table `messages`, and which of its versions can be read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import pandas as pd
from pyspark.sql import DataFrame, SparkSession

from conf import jvm, session, settings
from conf.tables import MESSAGES
from conf.versions import history, readable
from conf.versions.address import Address
from training import dataset, fitting, snapshot
from training.algorithms import Algorithm
from training.errors import DataError
from training.fitting import Fitted
from training.request import Request
from training.split import Scheme
from training.stopwatch import Stopwatch


class Version(NamedTuple):
    """A version that can be read: how many rows it has (None where the log does not say), and when it was made, in UTC."""

    version: int
    rows: int | None
    made: datetime | None


@dataclass(frozen=True)
class Workbench:
    """A session beside the query's and the trainer's, which reads as the trainer may, and writes nothing."""

    spark: SparkSession
    address: Address

    @property
    def location(self) -> str:
        """The table's address, as Spark takes it."""
        return str(self.address)

    def versions(self) -> list[Version]:
        """The versions that can be read, the oldest first. Raises `VersionError`."""
        with readable.asked(self.address):
            known = history.read(self.address)
            can = known.readable(history.listed(self.address))
        return [Version(one, _rows(known, one), _made(known, one)) for one in can]

    def rows(self, version: int) -> DataFrame:
        """All columns of exactly this version. Raises `SnapshotError`."""
        return snapshot.rows(self.spark, self.location, version)

    def train_each(self, versions: Iterable[int], algorithm: Algorithm, scheme: Scheme) -> dict[int, Fitted]:
        """The result of a training on each of these versions; nothing is logged. Raises `SnapshotError` and `DataError`."""
        return {version: self._train(version, algorithm, scheme) for version in sorted(set(versions))}

    def _train(self, version: int, algorithm: Algorithm, scheme: Scheme) -> Fitted:
        data = dataset.read(self.spark, self.address, version, scheme)
        try:
            return fitting.fit(data.messages, Request(self.location, version, algorithm, scheme), Stopwatch())
        finally:
            data.messages.unpersist()


def open_one() -> Workbench:
    """A workbench on `messages` in MinIO, or on the table that NOTEBOOK_TABLE names. An earlier one in this process ends. Raises `SettingsError`."""
    chosen = settings.load()
    if before := SparkSession.getActiveSession():
        before.stop()
    location = chosen.jupyter.table or MESSAGES.location(chosen.minio.delta_bucket)
    access = chosen.s3("trainer")
    # Behind the ports of the query, a training and a scoring; Spark takes the next one that is free.
    spark = session.start(
        "lakehouse notebook", access, chosen.spark.ui_port + 3, chosen.events, session.launching(jvm.launch())
    )
    spark.sparkContext.setLogLevel("ERROR")
    return Workbench(spark, Address.of(location, access))


def spread(versions: list[Version], most: int) -> list[int]:
    """At most `most` versions whose numbers of rows are about evenly spaced, among them the first with the most rows.

    Of versions with equally many rows the first is taken: a compaction adds none. Raises `DataError` when none has rows.
    """
    first: dict[int, int] = {}
    for one in versions:
        if one.rows:
            first.setdefault(one.rows, one.version)
    sizes = sorted(first)
    if not sizes:
        raise DataError("No version of the table has rows that can be read. Land a page first (`lake up`).")
    aims = [sizes[-1] * step / most for step in range(1, most + 1)]
    return sorted({first[min(sizes, key=lambda size: (abs(size - aim), size))] for aim in aims})


def table(versions: list[Version]) -> pd.DataFrame:
    """`version`, `rows` and `made`, to look at and to draw."""
    return pd.DataFrame(versions, columns=list(Version._fields))


def _rows(known: history.History, version: int) -> int | None:
    counts = [file.rows for file in known.needed_by([version])]
    told = [count for count in counts if count is not None]
    return sum(told) if len(told) == len(counts) else None


def _made(known: history.History, version: int) -> datetime | None:
    commit = known.commits.get(version)
    return commit.said if commit else None

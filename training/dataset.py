"""The messages of one table version, made ready to learn from."""

from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from training import census, snapshot
from training.census import Census
from training.split import distinct_messages


@dataclass(frozen=True)
class Dataset:
    """The distinct messages of one table version, cached, and how many there are."""

    location: str
    version: int
    messages: DataFrame
    census: Census

    def to_fit(self) -> DataFrame:
        return self.messages.where(~F.col("in_test"))

    def to_test(self) -> DataFrame:
        return self.messages.where("in_test")


def read(spark: SparkSession, location: str, version: int) -> Dataset:
    """Exactly this version, read and counted. Raises `SnapshotError` and `DataError`."""
    found = snapshot.read(spark, location, version)
    messages = distinct_messages(found.messages).cache()
    with snapshot.reading(location):
        counted = census.take(messages, f"Version {found.version} of {location}")
    return Dataset(location, found.version, messages, counted)

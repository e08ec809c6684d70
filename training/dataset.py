"""The messages of one table version, made ready to learn from."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession

from conf.versions.address import Address
from training import census, head_start, origin, snapshot
from training.census import Census
from training.split import Scheme, distinct_messages


@dataclass(frozen=True)
class Dataset:
    """The distinct messages of one table version, cached, how many there are, and where they came from."""

    location: str
    version: int
    messages: DataFrame
    census: Census
    origin: str


def read(spark: SparkSession, address: Address, version: int, scheme: Scheme) -> Dataset:
    """Exactly this version, read and counted. Raises `SnapshotError`, and `DataError` when its folds are unfit to learn from."""
    location = str(address)
    with ThreadPoolExecutor(max_workers=1) as pool:
        # Needs no Spark, which computes meanwhile.
        came_from = pool.submit(origin.read, address, version)
        with head_start.interpreting(spark):
            messages = distinct(spark, location, version).cache()
        with snapshot.reading(location):
            counted = census.take(messages, scheme, f"Version {version} of {location}")
        return Dataset(location, version, messages, counted, came_from.result())


def distinct(spark: SparkSession, location: str, version: int) -> DataFrame:
    """Each message of exactly this version once, as `distinct_messages` gives them. Raises `SnapshotError`."""
    return distinct_messages(snapshot.read(spark, location, version).messages)

"""Texts to be scored, from a table version or a file, and the table that keeps what was said about them."""

import json
from collections.abc import Mapping
from pathlib import PurePath

from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]  # it ships no types
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from training import snapshot
from training.errors import ScoringError

# The columns of a table that predictions need beside them.
ROW = ("label", "text", "row_hash", "source_identity", "source_key", "source_row", "source_part")
# A message may hold line breaks and doubled quotes (RFC 4180).
CSV: dict[str, bool | str] = {"header": True, "multiLine": True, "quote": '"', "escape": '"', "encoding": "UTF-8"}


def of_version(spark: SparkSession, location: str, version: int) -> DataFrame:
    """The rows of exactly this version: label, text, and what identifies the row. Raises `SnapshotError`."""
    rows = snapshot.rows(spark, location, version)
    return rows.select([name for name in rows.columns if name in ROW])


def of_file(spark: SparkSession, file: str) -> DataFrame:
    """The rows of a CSV file with a header, or of Parquet, by the end of its name. Raises `ScoringError`."""
    kind = PurePath(file).suffix.lower()
    try:
        if kind == ".csv":
            return spark.read.options(**CSV).csv(file)
        if kind == ".parquet":
            return spark.read.parquet(file)
    except (PySparkException, Py4JJavaError) as error:
        raise ScoringError(f"{file} cannot be read: {_reason(error)}") from error
    raise ScoringError(f"{file} ends in neither .csv nor .parquet: those are read.")


def keep(scored: DataFrame, location: str, about: Mapping[str, str | int]) -> None:
    """The Delta table at `location` holds these rows and not its earlier ones; `about` is in its commit.

    Raises `ScoringError`, also when a table with other columns is there, which stays as it is.
    """
    # Delta's checksum of a version is optional, and written by a rename. S3 renames by deleting, and nobody may delete here.
    scored.sparkSession.conf.set("spark.databricks.delta.writeChecksumFile.enabled", "false")
    writer = scored.write.format("delta").mode("overwrite").option("userMetadata", json.dumps(dict(about)))
    try:
        writer.save(location)
    except (PySparkException, Py4JJavaError) as error:
        other = isinstance(error, AnalysisException)
        remedy = " Is there another table? Name another place with --output." if other else ""
        raise ScoringError(f"No predictions were written to {location}: {_reason(error)}{remedy}") from error


def counts(spark: SparkSession, location: str) -> dict[str, int]:
    """How many of the kept rows are `spam`, `ham` and `without text`: read from the table again."""
    said = spark.read.format("delta").load(location).groupBy("prediction").agg(F.count("*").alias("rows")).collect()
    return {name: _rows(said, value) for name, value in (("spam", 1.0), ("ham", 0.0), ("without text", None))}


def _rows(said: list[Row], prediction: float | None) -> int:
    return sum(int(one["rows"]) for one in said if one["prediction"] == prediction)


def _reason(error: Exception) -> str:
    """The root cause that Java names, or else the beginning."""
    lines = str(error).strip().splitlines()
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    return " ".join(causes[-1:] or lines[:2])

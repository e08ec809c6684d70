"""The rows of the table `quarantine`: objects, rows and records that could not be loaded, with the reason and bytes."""

from collections.abc import Collection, Sequence
from datetime import datetime

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.tables import QUARANTINE
from streaming.intake import DeadLetter


def rejected(outcomes: DataFrame, batch_id: int, seen_at: datetime, cleaner_version: str) -> DataFrame:
    """The rejected objects and rows inside the outcomes of one micro-batch, in the columns of `QUARANTINE`."""
    rows = outcomes.select(
        F.explode("rejected").alias("entry"),
        F.col("key").alias("source_key"),
        F.col("version").alias("source_version"),
        F.col("etag").alias("source_etag"),
        "kafka_partition",
        "kafka_offset",
        F.lit(batch_id).alias("batch_id"),
        F.lit(seen_at).alias("seen_at"),
        F.lit(cleaner_version).alias("cleaner_version"),
    )
    return rows.select("entry.*", *rows.columns[1:]).to(QUARANTINE.schema)


def is_one_of(identities: Collection[tuple[str, str]]) -> Column:
    """Whether an outcome belongs to one of these object versions."""
    wanted = [F.struct(F.lit(key), F.lit(version)) for key, version in identities]
    return F.struct("key", F.coalesce("version", "etag")).isin(wanted)


def dead_letters(
    spark: SparkSession, letters: Sequence[DeadLetter], batch_id: int, seen_at: datetime, cleaner_version: str
) -> DataFrame:
    """Records of the topics that cannot be read, in the columns of `QUARANTINE`, kind `notification`."""
    rows = [
        {
            "kind": "notification",
            "rule": "not_a_notification",
            "detail": letter.detail,
            "raw": letter.kept,
            "raw_size": len(letter.record.value or b""),
            "kafka_partition": letter.record.partition,
            "kafka_offset": letter.record.offset,
            "seen_at": seen_at,
            "batch_id": batch_id,
            "cleaner_version": cleaner_version,
        }
        for letter in letters
    ]
    return spark.createDataFrame(rows, QUARANTINE.schema)

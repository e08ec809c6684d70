"""The rows of the table `ledger`: one for each landed object version, saying what became of it."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.tables import LEDGER

COUNTS = ("records", "rows_loaded", "rows_recovered", "rows_quarantined")


def entries(outcomes: DataFrame, batch_id: int, cleaner_version: str) -> DataFrame:
    """The ledger entries of one micro-batch, in the columns of `LEDGER`."""
    return outcomes.select(
        F.col("key").alias("source_key"),
        F.col("version").alias("source_version"),
        F.col("etag").alias("source_etag"),
        "size",
        "state",
        *COUNTS,
        "found_by",
        "kafka_partition",
        "kafka_offset",
        "landed_at",
        F.lit(batch_id).alias("batch_id"),
        F.lit(1).alias("attempts"),
        F.lit(cleaner_version).alias("cleaner_version"),
    ).to(LEDGER.schema)

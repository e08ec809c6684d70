"""The three Delta tables: where they lie, what a row is, and the properties they are created with."""

from dataclasses import dataclass

from pyspark.sql.types import (
    BinaryType,
    BooleanType,
    DataType,
    DoubleType,
    IntegerType,
    LongType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

# What quarantine keeps of an object, a row or a record; an object's own bytes stay in landing.
RAW_BYTES_KEPT = 65_536

PROPERTIES = {
    # Rows are only ever added: a resolved quarantine entry gets a row of its own.
    "delta.appendOnly": "true",
    # Commit times that do not depend on the clock of the object store.
    "delta.enableInCommitTimestamps": "true",
    # Time travel past the default week: since Delta 4.1 it is refused, VACUUM or not, and one property needs the other.
    "delta.logRetentionDuration": "interval 3650 days",
    "delta.deletedFileRetentionDuration": "interval 3650 days",
}


@dataclass(frozen=True)
class Table:
    """One Delta table in the bucket `delta`."""

    name: str
    schema: StructType

    def location(self, bucket: str) -> str:
        """Its address for Spark."""
        return f"s3a://{bucket}/{self.name}"


def columns(**types: DataType) -> StructType:
    """A schema of nullable columns, in the order given."""
    return StructType([StructField(name, kind, nullable=True) for name, kind in types.items()])


MESSAGES = Table(
    "messages",
    columns(
        label=StringType(),
        text=StringType(),
        text_unescaped=StringType(),
        text_raw=StringType(),
        repair=StringType(),
        rescued=StringType(),
        length=IntegerType(),
        digits=IntegerType(),
        upper_share=DoubleType(),
        has_url=BooleanType(),
        has_currency=BooleanType(),
        source_key=StringType(),
        source_version=StringType(),
        source_etag=StringType(),
        source_row=IntegerType(),
        source_part=IntegerType(),
        kafka_partition=IntegerType(),
        kafka_offset=LongType(),
        landed_at=TimestampType(),
        batch_id=LongType(),
        cleaner_version=StringType(),
        row_hash=LongType(),
    ),
)

QUARANTINE = Table(
    "quarantine",
    columns(
        kind=StringType(),
        rule=StringType(),
        detail=StringType(),
        raw=BinaryType(),
        raw_size=LongType(),
        source_key=StringType(),
        source_version=StringType(),
        source_etag=StringType(),
        source_row=IntegerType(),
        kafka_partition=IntegerType(),
        kafka_offset=LongType(),
        seen_at=TimestampType(),
        batch_id=LongType(),
        cleaner_version=StringType(),
    ),
)

LEDGER = Table(
    "ledger",
    columns(
        source_key=StringType(),
        source_version=StringType(),
        source_etag=StringType(),
        size=LongType(),
        state=StringType(),
        records=IntegerType(),
        rows_loaded=IntegerType(),
        rows_recovered=IntegerType(),
        rows_quarantined=IntegerType(),
        found_by=StringType(),
        kafka_partition=IntegerType(),
        kafka_offset=LongType(),
        landed_at=TimestampType(),
        batch_id=LongType(),
        attempts=IntegerType(),
        cleaner_version=StringType(),
    ),
)

TABLES = (MESSAGES, QUARANTINE, LEDGER)

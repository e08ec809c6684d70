"""The Kafka records of a micro-batch, as the driver reads them, and which they are."""

from collections.abc import Iterable

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from streaming.events.records import VALUE_BYTES, KafkaRecord


def records(frame: DataFrame) -> list[KafkaRecord]:
    """The records of a micro-batch. Of a larger one only the beginning comes to the driver, with its size and digest.

    Not as Arrow's columns, which Python reads in half the time: of as many and as large records as there may be Java makes one batch, whose
    buffers double as they grow.
    """
    whole = F.col("value")
    rows = frame.select(
        "topic",
        "partition",
        "offset",
        F.substring(whole, 1, VALUE_BYTES).alias("value"),
        F.coalesce(F.octet_length(whole), F.lit(0)).alias("size"),
        F.sha2(F.coalesce(whole, F.lit(b"")), 256).alias("digest"),
    ).collect()
    return [KafkaRecord(row.topic, row.partition, row.offset, _bytes(row.value), row.size, row.digest) for row in rows]


def ranges(records: Iterable[KafkaRecord]) -> dict[str, list[int]]:
    """First and last offset by topic and partition, named as Kafka does: `landing-events-0`."""
    found: dict[str, list[int]] = {}
    for record in records:
        name = f"{record.topic}-{record.partition}"
        low, high = found.get(name, (record.offset, record.offset))
        found[name] = [min(low, record.offset), max(high, record.offset)]
    return found


def _bytes(value: bytearray | None) -> bytes | None:
    return None if value is None else bytes(value)

"""The records of a micro-batch as the driver gets them from Spark."""

from pyspark.sql import SparkSession

from streaming.events.records import VALUE_BYTES, kafka_record
from streaming.offsets import ranges, records

SCHEMA = "topic string, partition int, offset long, value binary, timestamp timestamp"
VALUES = [b'{"Records": []}', b"", None, b"\xff\x00\xfe", "ü😀".encode(), b"x" * VALUE_BYTES, b"y" * (VALUE_BYTES + 1)]


def test_a_record_comes_with_the_beginning_of_its_value_and_the_size_and_digest_of_the_whole(
    spark: SparkSession,
) -> None:
    rows = [("landing-events", 0, number, value, None) for number, value in enumerate(VALUES)]
    frame = spark.createDataFrame(rows, SCHEMA).coalesce(1)
    found = records(frame)
    assert found == [kafka_record("landing-events", 0, number, value) for number, value in enumerate(VALUES)]
    assert ranges(found) == {"landing-events-0": [0, len(VALUES) - 1]}
    assert records(frame.limit(0)) == []

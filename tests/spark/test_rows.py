"""From outcomes to the rows of the three tables."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from conf.tables import LEDGER, MESSAGES, QUARANTINE
from streaming import ledger, quarantine
from streaming.intake import DeadLetter
from streaming.messages import features, messages
from streaming.notifications import KafkaRecord
from streaming.outcomes import OUTCOMES

SEEN = datetime(2026, 1, 2, tzinfo=UTC)
ROW = {"label": "ham", "text": "Hi", "text_raw": "Hi", "source_row": 1, "source_part": 0, "row_hash": 7}
OUTCOME: dict[str, Any] = {
    "key": "a.csv",
    "version": "v1",
    "etag": "e1",
    "size": 10,
    "found_by": "reconcile",
    "kafka_partition": 0,
    "kafka_offset": 5,
    "state": "loaded",
    "records": 2,
    "rows_loaded": 1,
    "rows_recovered": 0,
    "rows_quarantined": 1,
    "messages": [ROW],
    "rejected": [{"kind": "row", "rule": "empty_text", "detail": "d", "raw": b"x", "raw_size": 1, "source_row": 2}],
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hello there", {"digits": 0, "upper_share": 0.0, "has_url": False, "has_currency": False}),
        ("WIN £1000 at www.win.com", {"digits": 4, "upper_share": 0.125, "has_url": True, "has_currency": True}),
        ("ÜBER 50p/msg", {"digits": 2, "upper_share": pytest.approx(1 / 3), "has_url": False, "has_currency": True}),
        ("ok.see you", {"digits": 0, "upper_share": 0.0, "has_url": False, "has_currency": False}),
    ],
)
def test_features_describe_the_text(spark: SparkSession, text: str, expected: dict[str, Any]) -> None:
    found = spark.range(1).select(*[column.alias(name) for name, column in features(F.lit(text)).items()]).first()
    assert found is not None
    assert found.asDict() == {"length": len(text)} | expected


def test_an_outcome_becomes_one_row_in_each_table(spark: SparkSession) -> None:
    outcomes = spark.createDataFrame([OUTCOME], OUTCOMES)
    loaded = messages(outcomes, 3, "1")
    refused = quarantine.rejected(outcomes, 3, SEEN, "1")
    entries = ledger.entries(outcomes, 3, "1")

    for frame, table in ((loaded, MESSAGES), (refused, QUARANTINE), (entries, LEDGER)):
        assert frame.schema.simpleString() == table.schema.simpleString()
    assert loaded.select("text", "source_key", "source_row", "batch_id", "row_hash").collect() == [
        ("Hi", "a.csv", 1, 3, 7)
    ]
    assert refused.select("kind", "rule", "source_key", "source_row").collect() == [("row", "empty_text", "a.csv", 2)]
    assert entries.select(
        "source_key", "state", "found_by", "records", "rows_loaded", "rows_quarantined"
    ).collect() == [("a.csv", "loaded", "reconcile", 2, 1, 1)]


def test_an_outcome_without_rows_adds_none(spark: SparkSession) -> None:
    vanished = OUTCOME | {"state": "vanished", "messages": [], "rejected": []}
    outcomes = spark.createDataFrame([vanished], OUTCOMES)
    assert (messages(outcomes, 3, "1").count(), quarantine.rejected(outcomes, 3, SEEN, "1").count()) == (0, 0)


def test_object_versions_are_picked_by_version_or_etag(spark: SparkSession) -> None:
    unversioned = OUTCOME | {"key": "b.csv", "version": None}
    outcomes = spark.createDataFrame([OUTCOME, unversioned], OUTCOMES)
    picked = outcomes.where(quarantine.is_one_of({("b.csv", "e1"), ("a.csv", "v2")}))
    assert [row.key for row in picked.collect()] == ["b.csv"]
    assert outcomes.where(~quarantine.is_one_of(set())).count() == 2


def test_a_dead_letter_is_kept_with_its_bytes_and_place(spark: SparkSession) -> None:
    letter = DeadLetter(KafkaRecord("landing-events", 0, 9, b"not json"), "JSONDecodeError: ...")
    kept = quarantine.dead_letters(spark, [letter], 3, SEEN, "1")
    assert kept.schema == QUARANTINE.schema
    assert kept.select("kind", "raw", "raw_size", "kafka_offset").collect() == [
        ("notification", bytearray(b"not json"), 8, 9)
    ]

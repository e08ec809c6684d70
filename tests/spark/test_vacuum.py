"""Spark's own VACUUM: with its defaults it keeps what a table's properties keep; with its check switched off it does not."""

from datetime import timedelta
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from conf.tables import MESSAGES
from conf.versions import history, readable
from streaming.ledger import housekeeping
from streaming.ledger.housekeeping import compact
from tests.unit.aged import age, age_files
from tests.unit.decided import books_of, enter, place_in


def test_a_pinned_version_outlives_a_vacuum_with_defaults_and_the_damage_of_another_is_named(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "FILES", 1)
    place = place_in(tmp_path / "delta")
    books = books_of(place, tmp_path / "index")
    for key in "abc":
        enter(place, books, key)
    compact(place.open(MESSAGES))
    folder, messages = tmp_path / "delta" / "messages", place.address(MESSAGES)
    age(folder, timedelta(days=400))
    age_files(folder, timedelta(days=400))

    spark.sql(f"VACUUM delta.`{folder}`")
    assert history.read(messages).readable(history.listed(messages))[:5] == [0, 1, 2, 3, 4]
    assert spark.read.format("delta").option("versionAsOf", 2).load(str(folder)).select("source_key").count() == 2

    spark.conf.set("spark.databricks.delta.retentionDurationCheck.enabled", "false")
    try:
        spark.sql(f"VACUUM delta.`{folder}` RETAIN 0 HOURS")
    finally:
        spark.conf.unset("spark.databricks.delta.retentionDurationCheck.enabled")
    assert sorted(readable.damaged(messages, {0, 2, 4})) == [2]

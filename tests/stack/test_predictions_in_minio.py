"""Predictions are kept in MinIO as the trainer's user, which may write below `predictions/` and delete nothing."""

from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession

from conf import jvm, session
from conf.places import PREDICTIONS
from conf.settings import Settings
from conf.versions.address import Address
from tests.stack.servers import as_part, minio_in
from training import texts
from training.errors import ScoringError


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """MinIO alone, with the bucket of the tables."""
    with minio_in(tmp_path_factory.mktemp("home")) as loaded:
        as_part(loaded, "stream").make_bucket(bucket_name=loaded.minio.delta_bucket)
        yield loaded


@pytest.fixture(scope="module")
def spark(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """As a scoring has it."""
    events = tmp_path_factory.mktemp("events")
    started = session.start("scoring", settings.s3("trainer"), 0, events, session.launching(jvm.launch()))
    yield started
    started.stop()


def test_they_are_kept_once_and_again(settings: Settings, spark: SparkSession) -> None:
    location = f"s3a://{settings.minio.delta_bucket}/{PREDICTIONS}/sms-spam-1/messages-1"
    for label in ("first", "second"):
        said = spark.createDataFrame([(label, 1.0), ("other", 0.0)], "text string, prediction double")
        texts.keep(said, location, {"model": "sms-spam/1"})
    kept = Address.of(location, settings.s3("trainer")).open()
    assert kept.version() == 1
    assert sorted(kept.to_pyarrow_table()["text"].to_pylist()) == ["other", "second"]
    assert texts.counts(spark, location) == {"spam": 1, "ham": 1, "without text": 0}


def test_and_nowhere_else(settings: Settings, spark: SparkSession) -> None:
    elsewhere = f"s3a://{settings.minio.delta_bucket}/elsewhere"
    with pytest.raises(ScoringError, match=f"No predictions were written to {elsewhere}: .*403"):
        texts.keep(spark.createDataFrame([(1.0,)], "prediction double"), elsewhere, {})

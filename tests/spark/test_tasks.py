"""Slices on real executors: a worker that dies costs its own slice an answer, and nobody else anything."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from pyspark.sql import SparkSession

from conf.settings import S3Access
from conf.tables import LEDGER, MESSAGES, QUARANTINE
from streaming.decide import spark_tasks
from streaming.decide.slices import Item
from streaming.decide.worker import Failed, Job, Written
from streaming.events.intake import DeadLetter
from streaming.events.records import kafka_record
from streaming.ledger.place import Place
from streaming.page.limits import Limits
from streaming.rows.stamp import Stamp
from tests.sms import SMS

NOBODY = S3Access("http://127.0.0.1:9", "nobody", SecretStr("none"))  # dead letters are not fetched


class Deadly:
    """Ends the Python worker that reads it, as a parser that crashes does."""

    size = 1

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (1,)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    stamp = Stamp(1, "id", 0, datetime(2026, 1, 2, tzinfo=UTC), "2")
    return Job(NOBODY, Place(str(tmp_path)), stamp, SMS, Limits(), 2**20, 2**30)


def letter(text: bytes) -> Item:
    return Item(DeadLetter(kafka_record("landing-events", 0, 0, text), "not_a_notification", "why"))


def test_a_slice_becomes_files_of_all_its_tables(spark: SparkSession, job: Job, tmp_path: Path) -> None:
    [written] = spark_tasks.run(spark.sparkContext, job, [("one", [letter(b"x"), letter(b"y")])])
    assert isinstance(written, Written)
    assert written.rows == {LEDGER.name: 2, QUARANTINE.name: 2}
    for table, [file] in written.files.items():
        assert (tmp_path / table / file.path).stat().st_size == file.size


def test_a_dead_worker_is_the_answer_of_its_slice_only(spark: SparkSession, job: Job) -> None:
    deadly: Any = Deadly()
    results = spark_tasks.run(spark.sparkContext, job, [("a", [letter(b"x")]), ("b", [deadly]), ("c", [letter(b"y")])])
    assert [type(result) for result in results] == [Written, Failed, Written]
    assert "Python worker exited unexpectedly" in results[1].error  # type: ignore[union-attr]


def test_the_probe_is_decided_by_all_steps(spark: SparkSession, job: Job, tmp_path: Path) -> None:
    [written] = spark_tasks.run(spark.sparkContext, job, [("probe", [])])
    assert isinstance(written, Written)
    assert written.rows == {LEDGER.name: 1, MESSAGES.name: 1, QUARANTINE.name: 1}

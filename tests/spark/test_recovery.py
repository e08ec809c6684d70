"""A kill between the three commits: what is committed completes the ledger, and only that."""

from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from conf.tables import LEDGER, MESSAGES, QUARANTINE, Table
from streaming.recovery import completions, in_step, recover
from streaming.snapshots import Snapshots
from streaming.store import Store

ORIGIN = {"kafka_partition": 0, "kafka_offset": 5, "batch_id": 3, "cleaner_version": "1", "source_etag": "e"}


def source(key: str, version: str | None = "v1") -> dict[str, Any]:
    return {"source_key": key, "source_version": version} | ORIGIN


def message(key: str, row: int, part: int = 0) -> dict[str, Any]:
    return source(key) | {"source_row": row, "source_part": part, "label": "ham", "text": "hi"}


def rejected(key: str, kind: str) -> dict[str, Any]:
    return source(key) | {"kind": kind, "rule": "r"}


def entry(key: str) -> dict[str, Any]:
    return source(key) | {"state": "loaded"}


def frame(spark: SparkSession, table: Table, rows: list[dict[str, Any]]) -> DataFrame:
    return spark.createDataFrame(rows, table.schema)


@pytest.mark.parametrize(
    ("messages", "quarantine", "ledger", "expected"),
    [
        pytest.param([], [], [], [], id="nothing is committed"),
        pytest.param([message("a", 1)], [], [entry("a")], [], id="all three are committed"),
        pytest.param(
            [message("a", 1), message("a", 2), message("a", 2, part=1)],
            [rejected("a", "row")],
            [],
            [("a", "loaded", 3, 3, 1, 1)],
            id="killed before the ledger: records, loaded, recovered, quarantined",
        ),
        pytest.param(
            [], [rejected("a", "object")], [], [("a", "quarantined", 0, 0, 0, 0)], id="a refused object is an outcome"
        ),
        pytest.param([], [rejected("a", "row")], [], [], id="rejected rows alone may lack their messages: load again"),
        pytest.param([message("a", 1)], [], [entry("b")], [("a", "loaded", 1, 1, 0, 0)], id="another object's entry"),
    ],
)
def test_the_ledger_is_completed_from_what_is_committed(
    spark: SparkSession,
    messages: list[dict[str, Any]],
    quarantine: list[dict[str, Any]],
    ledger: list[dict[str, Any]],
    expected: list[tuple[Any, ...]],
) -> None:
    found = completions(
        frame(spark, MESSAGES, messages), frame(spark, QUARANTINE, quarantine), frame(spark, LEDGER, ledger)
    )
    counts = found.select("source_key", "state", "records", "rows_loaded", "rows_recovered", "rows_quarantined")
    assert [tuple(row) for row in counts.collect()] == expected
    assert found.schema.simpleString() == LEDGER.schema.simpleString()


def test_a_second_start_finds_nothing_to_complete(spark: SparkSession, tmp_path: Path) -> None:
    store = Store(spark, str(tmp_path))
    store.create()
    store.append(frame(spark, MESSAGES, [message("a", 1)]), MESSAGES, "app", 0, {"batch": 0})

    tables = Snapshots(str(tmp_path))
    first = recover(store, tables)
    second = recover(store, tables)

    assert first.objects == second.objects == {("a", "v1")}
    assert store.read(LEDGER).count() == 1


def test_rows_need_no_comparing_once_the_ledger_has_the_newest_batch(spark: SparkSession, tmp_path: Path) -> None:
    store, tables = Store(spark, str(tmp_path)), Snapshots(str(tmp_path))
    store.create()
    told = [in_step(tables)]
    for table, row in ((QUARANTINE, rejected("a", "row")), (MESSAGES, message("a", 1)), (LEDGER, entry("a"))):
        store.append(frame(spark, table, [row]), table, "app", 0, {"batch": 0})
        told.append(in_step(tables))
    store.append(frame(spark, MESSAGES, [message("b", 1)]), MESSAGES, "app", 1, {"batch": 1})
    told.append(in_step(tables))
    store.append(frame(spark, LEDGER, [entry("b")]), LEDGER, "app", 1, {"batch": 1})
    told.append(in_step(tables))
    spark.sql(f"OPTIMIZE delta.`{tmp_path}/messages`")
    told.append(in_step(tables))
    assert told == [True, False, False, True, False, True, False]


def test_rejected_rows_without_an_outcome_are_remembered(spark: SparkSession, tmp_path: Path) -> None:
    store = Store(spark, str(tmp_path))
    store.create()
    store.append(frame(spark, QUARANTINE, [rejected("a", "row")]), QUARANTINE, "app", 0, {"batch": 0})

    committed = recover(store, Snapshots(str(tmp_path)))

    assert (committed.objects, committed.rejections) == (set(), {("a", "v1")})


def test_the_same_batch_of_the_same_query_is_committed_once(spark: SparkSession, tmp_path: Path) -> None:
    store = Store(spark, str(tmp_path))
    store.create()
    for app in ("query-1", "query-1", "query-2"):
        store.append(frame(spark, MESSAGES, [message("a", 1)]), MESSAGES, app, 0, {"batch": 0})
    assert store.read(MESSAGES).count() == 2


def test_tables_are_append_only_and_keep_their_history(spark: SparkSession, tmp_path: Path) -> None:
    store = Store(spark, str(tmp_path))
    store.create()
    properties: dict[str, str] = dict(spark.sql(f"SHOW TBLPROPERTIES delta.`{tmp_path}/messages`").collect())
    assert properties["delta.appendOnly"] == "true"
    assert properties["delta.logRetentionDuration"] == properties["delta.deletedFileRetentionDuration"]
    assert properties["delta.logRetentionDuration"] == "interval 3650 days"

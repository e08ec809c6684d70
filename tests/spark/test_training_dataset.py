"""One exact version of a table, or one clear line that says why it cannot be learned from."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from pydantic import SecretStr
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from conf.settings import S3Access
from conf.versions.address import Address
from tests.unit.aged import age
from training import dataset, snapshot
from training.errors import DataError, SnapshotError
from training.split import Scheme, fold

NOBODY = S3Access("http://127.0.0.1:9", "nobody", SecretStr("none"))  # the tables here lie in folders
SCHEMA = "label string, text string, row_hash long, more string"

HAM = [("ham", f"ham {number}", number, "") for number in range(20)]
SPAM = [("spam", f"spam {number}", 100 + number, "") for number in range(20)]

Rows = Sequence[tuple[str | None, str | None, int, str]]


def read(spark: SparkSession, location: str, version: int) -> dataset.Dataset:
    return dataset.read(spark, Address.of(location, NOBODY), version, Scheme())


def digest(rows: Sequence[tuple[object, ...]]) -> str:
    """Of label and text, without Spark."""
    hashes = [int(sha256(f"{row[0]}\n{row[1]}".encode()).hexdigest()[:15], 16) for row in rows]
    return f"{len(rows)}:{sum(hashes)}"


def append(spark: SparkSession, folder: Path, rows: Rows) -> str:
    spark.createDataFrame(rows, SCHEMA).write.format("delta").mode("append").save(str(folder))
    return str(folder)


def test_a_version_is_read_as_it_was_and_the_newest_by_default(spark: SparkSession, tmp_path: Path) -> None:
    append(spark, tmp_path / "t", HAM + SPAM)
    location = append(spark, tmp_path / "t", [("ham", "HAM  1", 7, ""), ("spam", "late", -1, "")])
    first, newest, named = (
        read(spark, location, version) for version in (0, snapshot.resolve(Address.of(location, NOBODY), None), 1)
    )
    assert (first.version, first.census.rows, first.census.distinct) == (0, 40, 40)
    assert first.census.digest == digest(HAM + SPAM)
    assert (newest.version, newest.census.rows, newest.census.distinct) == (1, 42, 41)
    assert newest.census == named.census
    assert newest.census.digest == digest([*HAM, *SPAM, ("ham", "HAM  1"), ("spam", "late")])


def test_a_version_older_than_the_tables_properties_keep_is_refused_with_the_reason(
    spark: SparkSession, tmp_path: Path
) -> None:
    """Delta refuses it though every file is there: somebody shortened what the table keeps."""
    append(spark, tmp_path / "t", HAM + SPAM)
    location = append(spark, tmp_path / "t", [("spam", "late", -1, "")])
    DeltaTable(location).alter.set_table_properties(
        dict.fromkeys(("delta.logRetentionDuration", "delta.deletedFileRetentionDuration"), "interval 1 seconds")
    )
    age(tmp_path / "t", timedelta(days=1), said=False)
    with pytest.raises(SnapshotError, match=r"Delta refuses this version of .*deletedFileRetentionDuration .* puts"):
        snapshot.read(spark, location, 0)


def test_a_version_is_the_same_twice_while_rows_arrive(spark: SparkSession, tmp_path: Path) -> None:
    """F29."""
    location = append(spark, tmp_path / "t", HAM + SPAM)
    arrived = threading.Event()

    def arrive() -> None:
        more = pa.table({"label": ["ham"], "text": ["new"], "row_hash": [1], "more": [""]})
        while not arrived.is_set():
            write_deltalake(location, more, mode="append")

    with ThreadPoolExecutor(1) as pool:
        arriving = pool.submit(arrive)
        version = snapshot.resolve(Address.of(location, NOBODY), None)
        found = [read(spark, location, version).census for _ in range(3)]
        arrived.set()
        arriving.result()
    assert [one.digest for one in found] == [found[0].digest] * 3
    assert (found[0].rows, DeltaTable(location).version() > version + 3) == (40 + version, True)


def test_a_changed_text_changes_the_digest_whatever_hash_is_stored_beside_it(
    spark: SparkSession, tmp_path: Path
) -> None:
    first = read(spark, append(spark, tmp_path / "t", HAM + SPAM), 0).census
    same = read(spark, append(spark, tmp_path / "order", [(*row[:2], 0, "") for row in SPAM + HAM]), 0).census
    changed = read(spark, append(spark, tmp_path / "text", [("ham", "HAM 0", 0, ""), *HAM[1:], *SPAM]), 0).census
    assert same == first
    assert (changed.rows, changed.distinct) == (first.rows, first.distinct)
    assert changed.digest != first.digest


def test_the_folds_are_all_messages_and_share_none(spark: SparkSession, tmp_path: Path) -> None:
    data = read(spark, append(spark, tmp_path / "t", HAM + SPAM), 0)
    dealt = data.messages.select("text", fold(F.col("message_id"), Scheme(), 0).alias("fold")).collect()
    assert sorted(row["text"] for row in dealt) == sorted(row[1] for row in HAM + SPAM)
    assert {row["fold"] for row in dealt} == set(range(5))
    assert (data.census.distinct, data.census.distinct_spam) == (40, 20)


def test_a_version_that_does_not_exist_names_those_that_do(spark: SparkSession, tmp_path: Path) -> None:
    append(spark, tmp_path / "t", HAM)
    location = append(spark, tmp_path / "t", SPAM)
    with pytest.raises(SnapshotError, match=r"Version 7 of .* does not exist. Versions 0 to 1 can be read."):
        read(spark, location, 7)


@pytest.mark.parametrize("version", [None, 0])
def test_a_table_that_does_not_exist_is_named(tmp_path: Path, version: int | None) -> None:
    with pytest.raises(SnapshotError, match=f"There is no Delta table at {tmp_path}/none"):
        snapshot.resolve(Address.of(f"{tmp_path}/none", NOBODY), version)


def test_a_table_without_texts_is_refused(spark: SparkSession, tmp_path: Path) -> None:
    spark.createDataFrame([("ham", "hi")], "label string, body string").write.format("delta").save(f"{tmp_path}/t")
    with pytest.raises(SnapshotError, match="has no column text"):
        read(spark, f"{tmp_path}/t", 0)


def test_a_version_whose_files_are_gone_is_one_line(spark: SparkSession, tmp_path: Path) -> None:
    location = append(spark, tmp_path / "t", HAM + SPAM)
    for file in (tmp_path / "t").glob("*.parquet"):
        file.unlink()
    with pytest.raises(SnapshotError, match=r"The table at .* cannot be read: .*") as refused:
        read(spark, location, 0)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([], "is empty"),
        (HAM, "has only ham; both ham and spam are needed"),
        ([*HAM, ("spam", "spam 0", 0, "")], "has 1 distinct spam, in one fold only"),
        ([*HAM, *SPAM, ("eggs", "bacon", 0, ""), (None, "what", 0, "")], "has 2 rows without text or with a label"),
        ([*HAM, *SPAM, ("ham", None, 0, "")], "has 1 rows without text"),
    ],
)
def test_rows_that_teach_nothing_are_refused(spark: SparkSession, tmp_path: Path, rows: Rows, complaint: str) -> None:
    location = append(spark, tmp_path / "t", rows)
    with pytest.raises(DataError, match=f"Version 0 of {location} {complaint}"):
        read(spark, location, 0)

"""Decides, once for each object version, what becomes of it: its rows, its rejected rows and its state.

One object version in, one outcome row out, with its messages and its rejected rows inside. The decision is made on the
executors; nothing is written here.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import pyarrow as pa
from minio import Minio
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import ArrayType, BinaryType, IntegerType, LongType, StringType, TimestampType

from conf.settings import S3Access
from conf.tables import RAW_BYTES_KEPT, columns
from streaming import objects, pages
from streaming.digest import row_hash
from streaming.notifications import Announced

# Objects decided at a time by one task, and the GETs it has under way.
OBJECTS_AT_ONCE = 64
FETCHES = 8

VERSIONS = columns(
    key=StringType(),
    version=StringType(),
    etag=StringType(),
    size=LongType(),
    landed_at=TimestampType(),
    found_by=StringType(),
    kafka_partition=IntegerType(),
    kafka_offset=LongType(),
)
_MESSAGE = columns(
    label=StringType(),
    text=StringType(),
    text_unescaped=StringType(),
    text_raw=StringType(),
    repair=StringType(),
    rescued=StringType(),
    source_row=IntegerType(),
    source_part=IntegerType(),
    row_hash=LongType(),
)
_REJECTED = columns(
    kind=StringType(),
    rule=StringType(),
    detail=StringType(),
    raw=BinaryType(),
    raw_size=LongType(),
    source_row=IntegerType(),
)
OUTCOMES = columns(
    **{field.name: field.dataType for field in VERSIONS},
    state=StringType(),
    records=IntegerType(),
    rows_loaded=IntegerType(),
    rows_recovered=IntegerType(),
    rows_quarantined=IntegerType(),
    # The sum of the row hashes needs more than 64 bits: a decimal, as text.
    hash_sum=StringType(),
    messages=ArrayType(_MESSAGE),
    rejected=ArrayType(_REJECTED),
)


def decide(
    spark: SparkSession, versions: Sequence[Announced], access: S3Access, bucket: str, max_bytes: int
) -> DataFrame:
    """One row of `OUTCOMES` for each object version, computed once and kept.

    The rows are materialised before this returns, and their lineage is cut: writing three tables from them can never
    fetch an object, or decide about it, a second time.
    """
    rows = [asdict(version) for version in versions]
    partitions = max(1, min(len(rows), spark.sparkContext.defaultParallelism))
    arrow = to_arrow_schema(OUTCOMES, timezone="UTC")

    def outcomes(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        minio = objects.client(access)
        with ThreadPoolExecutor(FETCHES) as pool:
            for batch in batches:
                for slice_start in range(0, batch.num_rows, OBJECTS_AT_ONCE):
                    asked = batch.slice(slice_start, OBJECTS_AT_ONCE).to_pylist()
                    decided = pool.map(lambda version: outcome(minio, bucket, version, max_bytes), asked)
                    for row in decided:
                        yield pa.RecordBatch.from_pylist([row], schema=arrow)

    frame = spark.createDataFrame(rows, VERSIONS).repartition(partitions)
    return frame.mapInArrow(outcomes, OUTCOMES).localCheckpoint(eager=True)


def outcome(minio: Minio, bucket: str, version: dict[str, Any], max_bytes: int) -> dict[str, Any]:
    """The outcome of one object version as a row of `OUTCOMES`."""
    if version["size"] > max_bytes:
        detail = f"{version['size']} bytes are more than STREAM_MAX_OBJECT_BYTES={max_bytes}"
        return version | _quarantined("too_large", detail, b"", version["size"])
    found = objects.fetch(minio, bucket, version["key"], version["version"], version["etag"])
    if isinstance(found, objects.Absent):
        return version | _without_rows(found.state)
    try:
        return version | _loaded(version, pages.parse(found.content))
    except pages.PageError as error:
        return version | _quarantined(error.rule, error.detail, found.content, len(found.content))


def _without_rows(state: str) -> dict[str, Any]:
    counts = {"records": 0, "rows_loaded": 0, "rows_recovered": 0, "rows_quarantined": 0, "hash_sum": "0"}
    return {"state": state, **counts, "messages": [], "rejected": []}


def _quarantined(rule: str, detail: str, content: bytes, size: int) -> dict[str, Any]:
    return _without_rows("quarantined") | {"rejected": [_rejected("object", rule, detail, content, size, None)]}


def _loaded(version: dict[str, Any], page: pages.Page) -> dict[str, Any]:
    messages = [_message(version, message) for message in page.messages]
    rejected = [_rejected("row", r.rule, r.detail, r.raw, len(r.raw), r.source_row) for r in page.rejected]
    return {
        "state": "loaded",
        "records": page.records,
        "rows_loaded": len(messages),
        "rows_recovered": sum(message.source_part > 0 for message in page.messages),
        "rows_quarantined": len(rejected),
        "hash_sum": str(sum(message["row_hash"] for message in messages)),
        "messages": messages,
        "rejected": rejected,
    }


def _message(version: dict[str, Any], message: pages.Message) -> dict[str, Any]:
    row = asdict(message)
    content = (row["label"], row["text"], row["text_raw"], row["repair"], row["rescued"])
    source = (version["key"], version["version"], row["source_row"], row["source_part"])
    return row | {"row_hash": row_hash(*content, *source)}


def _rejected(kind: str, rule: str, detail: str, raw: bytes, size: int, row: int | None) -> dict[str, Any]:
    kept = raw[:RAW_BYTES_KEPT]
    return {"kind": kind, "rule": rule, "detail": detail, "raw": kept, "raw_size": size, "source_row": row}

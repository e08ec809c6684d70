"""Null: the least that a query of this kind does, for comparison: `python -m tests.bench.null` until it is ended.

The same topic, trigger and sink as ours; its row is what the record says, nothing is fetched, nothing is decided.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote_plus

import pyarrow as pa
from deltalake import write_deltalake
from pyspark.sql import DataFrame

from conf import jvm, s3, session
from conf.settings import load
from conf.tables import MESSAGES
from streaming import query
from streaming.ingest import DRIVER_MEMORY


def main() -> None:
    """Appends the key of each object to `messages`."""
    settings = load()
    access, table = settings.s3("stream"), f"s3://{settings.minio.delta_bucket}/{MESSAGES.name}"

    def append(frame: DataFrame, _batch: int) -> None:
        told = [json.loads(row.value)["Records"] for row in frame.select("value").collect()]
        keys = [unquote_plus(one["s3"]["object"]["key"]) for records in told for one in records]
        if keys:
            rows = pa.table({"source_key": pa.array(keys, pa.string())})
            write_deltalake(table, rows, mode="append", storage_options=s3.delta_options(access))

    stop = query.stop_on_signal()
    with TemporaryDirectory() as folder:
        spark = session.start(
            "null",
            access,
            settings.spark.ui_port,
            Path(folder, "events"),
            session.launching(DRIVER_MEMORY | jvm.launch()),
        )
        running = query.start(spark, settings, append, available_now=False)
        while not stop.is_set() and not running.awaitTermination(1):
            pass
        running.stop()
        spark.stop()


if __name__ == "__main__":
    main()

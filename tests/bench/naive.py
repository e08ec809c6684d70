"""S0: Spark as one would use it at first sight: `python -m tests.bench.naive OBJECTS` reads files by `spark.read.csv(paths)`.

No ledger, no repair, no exact versions: it loses and doubles what the query does not. It prints when which number of objects was loaded.
"""

import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote_plus

from pyspark.sql import DataFrame

from conf import session
from conf.settings import load


def main(objects: int) -> None:
    """Ends when so many objects are in the table."""
    settings = load()
    minio, done = settings.minio, [0]
    with TemporaryDirectory() as folder:
        spark = session.start(
            "naive", settings.s3("stream"), settings.spark.ui_port, Path(folder, "events"), session.launching({})
        )

        def append(frame: DataFrame, _batch: int) -> None:
            told = [json.loads(row.value)["Records"] for row in frame.select("value").collect()]
            keys = {unquote_plus(one["s3"]["object"]["key"]) for records in told for one in records}
            rows = spark.read.option("header", True).csv([f"s3a://{minio.landing_bucket}/{key}" for key in keys])
            rows.select("v1", "v2").write.format("delta").mode("append").save(f"s3a://{minio.delta_bucket}/messages")
            done[0] += len(keys)
            print(json.dumps({"at": time.time(), "objects": len(keys)}), flush=True)

        query = (
            spark.readStream.format("kafka")
            .option("kafka.bootstrap.servers", settings.kafka.servers)
            .option("subscribe", settings.kafka.landing_topic)
            .option("startingOffsets", "earliest")
            .option("maxOffsetsPerTrigger", 1000)
            .load()
            .writeStream.foreachBatch(append)
            .option("checkpointLocation", f"{folder}/checkpoint")
            .start()
        )
        while done[0] < objects and query.isActive:
            query.awaitTermination(1)
        query.stop()
        spark.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]))

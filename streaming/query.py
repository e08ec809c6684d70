"""The streaming query: Kafka records of both topics in, one call of the loader a micro-batch."""

import signal
from collections.abc import Callable
from types import FrameType

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from conf.settings import Settings

NAME = "landing-to-delta"
STOP_PATIENCE_SECONDS = 20


def start(
    spark: SparkSession, settings: Settings, load: Callable[[DataFrame, int], None], available_now: bool
) -> StreamingQuery:
    """The running query, named in the Spark UI. It goes on where its checkpoint ends, or at the topics' beginning."""
    records = (
        spark.readStream.format("kafka")
        .option("kafka.bootstrap.servers", settings.kafka_servers)
        .option("subscribe", ",".join(settings.topics))
        # The default `latest` would skip what came before the first start.
        .option("startingOffsets", "earliest")
        .option("failOnDataLoss", "true")
        .option("maxOffsetsPerTrigger", settings.stream_max_notifications)
        .load()
    )
    writer = (
        records.writeStream.queryName(NAME).foreachBatch(load).option("checkpointLocation", str(settings.checkpoint))
    )
    if available_now:
        return writer.trigger(availableNow=True).start()
    return writer.trigger(processingTime=f"{settings.stream_trigger_seconds} seconds").start()


def run(query: StreamingQuery, check: Callable[[], None]) -> None:
    """Returns when the query ended or, after SIGTERM or SIGINT, when it was stopped between two micro-batches.

    Raises the query's own error when it failed, and what `check` raises, which is asked every second.
    """
    asked_to_stop = False

    def ask(_signal: int, _frame: FrameType | None) -> None:
        nonlocal asked_to_stop
        asked_to_stop = True

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    while not asked_to_stop and not query.awaitTermination(1):
        check()
    if query.isActive:
        _stop_between_batches(query)


def _stop_between_batches(query: StreamingQuery) -> None:
    for _ in range(STOP_PATIENCE_SECONDS * 10):
        if not query.status["isTriggerActive"] or query.awaitTermination(0.1):  # type: ignore[arg-type]  # takes a float
            break
    query.stop()

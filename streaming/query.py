"""The streaming query: Kafka records of both topics in, one call of the loader per micro-batch."""

import logging
import signal
from collections.abc import Callable
from threading import Event
from types import FrameType

from py4j.protocol import Py4JError  # type: ignore[import-untyped]  # it ships no types
from pyspark.errors import PySparkException, StreamingQueryException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from conf import session
from conf.settings import Settings
from streaming.errors import ServiceError
from streaming.patience import Patience, StoppedError

log = logging.getLogger(__name__)

NAME = "landing-to-delta"
STOP_PATIENCE_SECONDS = 20

Load = Callable[[DataFrame, int], None]

# What Spark says when records that it has yet to read are gone: past the topic's retention, or in a recreated topic.
# Where KAFKA_DATA_LOSS comes without its name, its first words identify it (measured).
_LOST = (
    "KAFKA_DATA_LOSS",
    "Some data may have been lost",
    "some data may have been missed",
    "OffsetOutOfRangeException",
)
# The last is what a task says that has waited for a record in vain, for two minutes.
_KAFKA = ("org.apache.kafka.common.errors", "KafkaException", "Cannot fetch record for offset")
_OF_SPARK = (PySparkException, Py4JError)


class DataLossError(ServiceError):
    """Records that were not read yet are gone from a topic."""


class Batches:
    """Loads micro-batches, and keeps the Python exception when one fails: Spark only tells its text."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self.error: Exception | None = None

    def __call__(self, frame: DataFrame, batch_id: int) -> None:
        """Made for `foreachBatch`."""
        try:
            self._load(frame, batch_id)
        except Exception as error:
            self.error = error
            raise


def start(spark: SparkSession, settings: Settings, load: Load, available_now: bool) -> StreamingQuery:
    """The running query, named in the Spark UI. It goes on where its checkpoint ends, or at the topics' beginning."""
    # Java doubles the buffers of a batch as it grows: with all records at once, each of the largest size, they exceeded its memory.
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "250")
    records = (
        spark.readStream.format("kafka")
        .option("kafka.bootstrap.servers", settings.kafka.servers)
        .option("subscribe", ",".join(settings.kafka.topics))
        # The default `latest` would skip what came before the first start.
        .option("startingOffsets", "earliest")
        .option("failOnDataLoss", "true")
        .option("maxOffsetsPerTrigger", settings.stream.max_notifications)
        # A long poll of the last fetch blocks the connection: one record took 0.5 s, now 0.1 s (measured).
        .option("kafka.fetch.max.wait.ms", 10)
        .load()
    )
    writer = (
        records.writeStream.queryName(NAME).foreachBatch(load).option("checkpointLocation", str(settings.checkpoint))
    )
    if available_now:
        return writer.trigger(availableNow=True).start()
    return writer.trigger(processingTime=f"{settings.stream.trigger_seconds} seconds").start()


def stop_on_signal() -> Event:
    """Return an event that is set once SIGTERM or SIGINT has come."""
    asked = Event()

    def ask(_signal: int, _frame: FrameType | None) -> None:
        asked.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    return asked


def run(
    begin: Callable[[Load], StreamingQuery],
    load: Load,
    check: Callable[[], None],
    await_services: Callable[[], None],
    stop: Event,
) -> None:
    """Return when the query has ended or, once `stop` is set, when it was stopped: between two micro-batches, if one ends within 20 s.

    While Kafka is away, between micro-batches or within one, the query is restarted, for ever, after `await_services`. Raises any other error that ended it, and what
    `check` raises, which is called every second.
    """
    patience = Patience(stop)
    for attempt in patience.attempts():
        batches = Batches(load)
        query = begin(batches)
        try:
            return _watch(query, check, stop)
        except StreamingQueryException as error:
            if isinstance(batches.error, StoppedError) or stop.is_set():
                return None
            if batches.error is not None and not isinstance(batches.error, _OF_SPARK):
                raise batches.error from error
            # Spark reads the records within the batch: Kafka's errors come from there as well.
            require_passing(error)
            patience.wait(attempt, f"Kafka: {_first_line(error)}")
            await_services()
    return None


def _watch(query: StreamingQuery, check: Callable[[], None], stop: Event) -> None:
    while not stop.is_set() and not query.awaitTermination(1):
        check()
    if query.isActive:
        _stop_between_batches(query)


def _stop_between_batches(query: StreamingQuery) -> None:
    for _ in range(STOP_PATIENCE_SECONDS * 10):
        if not query.status["isTriggerActive"] or query.awaitTermination(0.1):  # type: ignore[arg-type]  # takes a float
            break
    session.outlive_threads()
    query.stop()


def require_passing(error: StreamingQueryException) -> None:
    """Do nothing when Kafka was away, which passes; otherwise raise the error, or `DataLossError` with the remedy."""
    text = str(error)
    if any(sign in text for sign in _LOST):
        raise DataLossError(
            f"Records that were not read yet are gone from a topic: {_first_line(error)}. Remove the checkpoint folder: the query "
            "then reads what is left from its start, nothing twice, and finds the rest by listing the bucket."
        ) from error
    if not any(sign in text for sign in _KAFKA):
        raise error


def _first_line(error: StreamingQueryException) -> str:
    return str(error).strip().splitlines()[0][:500]

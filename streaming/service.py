"""Puts the streaming query together from its parts, and runs it."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Event

from pyspark.sql import SparkSession

from conf import s3, session
from conf.settings import Settings
from streaming import checkpoint, query, services
from streaming.decide import spark_tasks, worker
from streaming.decide.worker import Job
from streaming.events.intake import Sources
from streaming.events.reconciliation import Reconciliation
from streaming.events.records import VacuumAsked
from streaming.feeds import declaration
from streaming.feeds.feed import Feed
from streaming.ledger.books import Books
from streaming.ledger.ensure import ensure
from streaming.ledger.place import Place
from streaming.ledger.takeover import Takeover, drop_commit_times
from streaming.ledger.vacuum import carry_out
from streaming.loader import Caps, Loader
from streaming.patience import Patience
from streaming.rows.stamp import Stamp


def serve(settings: Settings, stop: Event, available_now: bool, java: Future[session.Gateway]) -> None:
    """Run until the query ends (`available_now`) or `stop` is set. Raises `LakeError` and `StoppedError`."""
    feed = declaration.of(settings)
    access, patience = settings.s3("stream"), Patience(stop)
    services.wait(settings, access, patience)
    s3.make_bucket(s3.minio(access), settings.minio.delta_bucket)
    place = Place(settings.minio.delta_bucket, access)
    takeover = Takeover(place, settings.minio.landing_bucket, *settings.kafka.topics)
    with ThreadPoolExecutor(max_workers=1) as pool:
        # The tables are opened without Spark, which starts meanwhile; only tables of version 0.1 need it first.
        opening = None if takeover.is_due() else pool.submit(_books, settings, feed, place, patience)
        session.end_with_any_thread(java.result())
        spark = session.start("lakehouse streaming", access, settings.spark.ui_port, settings.events, java)
    spark_tasks.warm(spark.sparkContext)
    try:
        if opening is None:
            takeover.run(lambda table: drop_commit_times(spark, table.location(settings.minio.delta_bucket)))
        books = opening.result() if opening else _books(settings, feed, place, patience)
        checkpoint.prepare(settings.checkpoint, books.ledger.id)
        reconciliation = Reconciliation(settings, access, books.index, feed.prefix)
        loader = _loader(spark, settings, feed, place, books, reconciliation)
        run = partial(
            query.run,
            lambda load: query.start(spark, settings, load, available_now),
            loader,
            reconciliation.check,
            lambda: services.wait(settings, access, patience),
            stop,
        )
        if available_now:
            load_everything(reconciliation.full_pass, run, stop)
        else:
            reconciliation.start()
            run()
    finally:
        spark.stop()


def load_everything(full_pass: Callable[[], bool], run: Callable[[], None], stop: Event) -> None:
    """All that has landed by now is loaded, or `stop` is set.

    A pass over the bucket is not complete when too much waits already: it is repeated when that is loaded.
    """
    complete = False
    while not (complete or stop.is_set()):
        complete = full_pass()
        run()


def _books(settings: Settings, feed: Feed, place: Place, patience: Patience) -> Books:
    ensure(place, feed)
    return Books(place, settings.stream_index, patience)


def _loader(
    spark: SparkSession, settings: Settings, feed: Feed, place: Place, books: Books, reconciliation: Reconciliation
) -> Loader:
    stream = settings.stream

    def job(stamp: Stamp) -> Job:
        return worker.job_of(settings, feed, place, stamp)

    def vacuum(asked: VacuumAsked) -> None:
        spark.sparkContext.setJobDescription(f"vacuum {asked.request}")
        carry_out(place, *asked)

    caps = Caps(stream.max_slice_objects, stream.max_slice_bytes)
    sources = Sources(settings.minio.landing_bucket, settings.kafka.control_topic, feed.prefix)
    return Loader(spark, books, sources, caps, job, reconciliation.ask_full_pass, vacuum)

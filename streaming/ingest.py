"""`spark-submit streaming/ingest.py`: every landed page becomes rows of the Delta tables."""

import logging
import sys
from typing import Annotated

import typer

from conf import session
from conf.errors import LakeError
from conf.settings import load
from conf.tables import TABLES
from streaming import query
from streaming.loading import Loader
from streaming.reconciliation import Reconciliation, reconcile
from streaming.recovery import recover
from streaming.services import check
from streaming.snapshots import in_bucket
from streaming.store import Store, make_bucket

AvailableNow = Annotated[bool, typer.Option(help="Load all that has landed and is announced by now, then end.")]


def ingest(available_now: AvailableNow = False) -> None:
    """Load landed pages into the Delta tables, for as long as it runs."""
    logging.basicConfig(format="%(asctime)s %(name)s: %(message)s", level=logging.INFO)
    logging.getLogger("py4j").setLevel(logging.WARNING)
    settings = load()
    access = settings.s3("stream")
    check(settings, access)
    make_bucket(access, settings.delta_bucket)
    spark = session.start("lakehouse streaming", access, settings.spark_ui_port)
    store = Store(spark, f"s3a://{settings.delta_bucket}")
    tables = in_bucket(settings.delta_bucket, access)
    store.create(table for table in TABLES if not tables.exists(table))
    committed = recover(store, tables)
    loader = Loader(
        store, access, settings.landing_bucket, settings.control_topic, settings.stream_max_object_bytes, committed
    )
    reconciliation = Reconciliation(settings, access, committed.objects)
    if available_now:
        reconcile(settings, access, committed.objects)
    else:
        reconciliation.start()
    try:
        query.run(query.start(spark, settings, loader, available_now), reconciliation.check)
    finally:
        spark.stop()


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.command()(ingest)

if __name__ == "__main__":
    try:
        app()
    except LakeError as error:
        sys.exit(f"streaming: {error}")

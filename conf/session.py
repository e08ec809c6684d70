"""One line makes a Spark session, set as `conf/spark-defaults.conf` says."""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pyspark import SparkConf, SparkContext
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession

from conf.machine import DIRECT, ROOT, environment
from conf.settings import S3Access

# What Python holds of a JVM; py4j has no types.
Gateway = Any


def launching(settings: Mapping[str, str]) -> Future[Gateway]:
    """A JVM that starts while Python does something else, such as importing what it needs next; it ends with this process.

    `settings` are Spark's for that JVM (`conf.jvm.launch`). A process has one JVM: under `spark-submit`, and for a second session, it is there already.
    """
    if SparkContext._gateway:  # noqa: SLF001  # where PySpark keeps it, and nothing public tells
        there: Future[Gateway] = Future()
        there.set_result(SparkContext._gateway)  # noqa: SLF001  # the same
        return there
    launch = SparkConf(loadDefaults=False).setAll(list(settings.items()))
    return ThreadPoolExecutor(max_workers=1).submit(launch_gateway, launch)


def start(name: str, s3: S3Access, ui_port: int, events: Path, java: Future[Gateway]) -> SparkSession:
    """A session that reads and writes MinIO as `s3` says, shows its UI on `ui_port` and logs its events in the folder `events`."""
    events.mkdir(parents=True, exist_ok=True)
    # A JVM that has had a session keeps `conf/spark-defaults.conf` as its own properties; a new one reads it when the context is made.
    conf = SparkConf(loadDefaults=SparkContext._jvm is not None).setAll(  # noqa: SLF001  # where PySpark keeps it
        [
            ("spark.app.name", name),
            ("spark.ui.port", str(ui_port)),
            ("spark.eventLog.enabled", "true"),
            ("spark.eventLog.dir", events.as_uri()),
            # Every table has an address of its own; without this an empty folder appears wherever Spark is started.
            ("spark.sql.warehouse.dir", str(ROOT / ".lake" / "warehouse")),
            ("spark.hadoop.fs.s3a.endpoint", s3.endpoint),
            ("spark.hadoop.fs.s3a.access.key", s3.access_key),
            ("spark.hadoop.fs.s3a.secret.key", s3.secret_key.get_secret_value()),
            # Executors on another node ask MinIO past that node's proxy as well.
            *((f"spark.executorEnv.{name}", value) for name, value in environment(*DIRECT).items()),
        ]
    )
    # The JVM is launched first, without any of these: what it is launched with stands on its command line, for all to read.
    return SparkSession(SparkContext(conf=conf, gateway=java.result()))


def end_with_any_thread(java: Gateway) -> None:
    """Java ends, with exit code 50, as soon as one of its threads dies of an error that nobody catches.

    Python could wait for ever for such a thread: Spark's threads that hand over rows catch no error of Java itself, such as a
    `LinkageError` or a `StackOverflowError` (measured). Spark's executors on a cluster end in the same way.
    """
    handler = java.jvm.org.apache.spark.util.SparkUncaughtExceptionHandler(True)
    java.jvm.java.lang.Thread.setDefaultUncaughtExceptionHandler(handler)


def outlive_threads(java: Gateway | None = None) -> None:
    """Java, or that of this process's session, lives on when one of its threads dies, as it does without `end_with_any_thread`.

    For the time in which a query is stopped: Spark looks through the error of the batch that it has interrupted by a regular expression that
    overflows the stack of the query's thread where that error is long (Spark 4.2, seen).
    """
    threads = (java or SparkContext._gateway).jvm.java.lang.Thread  # type: ignore[union-attr]  # noqa: SLF001  # where PySpark keeps it
    threads.setDefaultUncaughtExceptionHandler(None)

"""`python -m conf.tools.spark_classes`: makes the archive of Spark's classes.

A session does what the query and a training do, and Java writes down at its end which classes that took
(`java -XX:ArchiveClassesAtExit`, Java 17).
"""

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Timer

from pyspark import SparkConf, SparkContext
from pyspark.java_gateway import launch_gateway
from pyspark.ml import Pipeline
from pyspark.ml.classification import NaiveBayes
from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.ml.feature import CountVectorizer, RegexTokenizer
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from conf import jvm

# Nobody listens there: what Java loads to find that out is most of what it loads to talk.
NOWHERE = "127.0.0.1:1"
BATCH_SECONDS = 120
# Quiet, all of it takes 45 seconds on two cores. A JVM that hangs would hold up a set-up, or the build of an image, for ever.
MOST_SECONDS = 900


def make(archive: Path) -> None:
    """The archive is there, whole."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    for older in archive.parent.iterdir():
        older.unlink()
    partial = archive.with_suffix(".partial")
    with TemporaryDirectory() as folder:
        _run(partial, Path(folder))
    partial.rename(archive)


def _run(archive: Path, folder: Path) -> None:
    # What cannot be archived (classes that Spark makes as it goes, jars that are signed) is said class by class.
    options = f"{jvm.COMPILER} -XX:ArchiveClassesAtExit={archive} -Xlog:cds=off -Xlog:cds+dynamic=off"
    launch = SparkConf(loadDefaults=False).setAll(list(jvm.launch(options).items()))
    conf = SparkConf(loadDefaults=False).setAll(
        [
            ("spark.ui.port", "0"),
            ("spark.eventLog.enabled", "true"),
            ("spark.eventLog.dir", folder.as_uri()),
            ("spark.sql.warehouse.dir", str(folder / "warehouse")),
            ("spark.hadoop.fs.s3a.endpoint", NOWHERE),
            ("spark.hadoop.fs.s3a.access.key", "none"),
            ("spark.hadoop.fs.s3a.secret.key", "none"),
            ("spark.hadoop.fs.s3a.attempts.maximum", "1"),
            ("spark.hadoop.fs.s3a.retry.limit", "1"),
        ]
    )
    gateway = launch_gateway(launch)  # type: ignore[no-untyped-call]  # it has no types
    overdue = Timer(MOST_SECONDS, gateway.proc.kill)
    overdue.daemon = True
    overdue.start()
    spark = SparkSession(SparkContext(conf=conf, gateway=gateway))
    for exercise in (_kafka, _stream, _learn, _store):
        _tried(exercise, spark, folder)
    spark.stop()
    # Java ends with its standard input, and writes the archive then.
    gateway.proc.stdin.close()
    gateway.proc.wait()
    overdue.cancel()


def _tried(exercise: Callable[[SparkSession, Path], None], spark: SparkSession, folder: Path) -> None:
    try:
        exercise(spark, folder)
    except Exception as error:  # noqa: BLE001  # that nobody answers is expected; Java has loaded what it would take to ask
        sys.stderr.write(f"{exercise.__name__}: {str(error).splitlines()[0]}\n")


def _kafka(spark: SparkSession, _folder: Path) -> None:
    options = {"kafka.bootstrap.servers": NOWHERE, "subscribe": "none", "kafka.default.api.timeout.ms": "1000"}
    spark.read.format("kafka").options(**options, **{"kafka.request.timeout.ms": "500"}).load().collect()


def _stream(spark: SparkSession, folder: Path) -> None:
    done = Event()

    def load(frame: DataFrame, _batch: int) -> None:
        found = frame.collect()
        spark.sparkContext.parallelize([found, found], 2).map(len).collect()
        done.set()

    rows = spark.readStream.format("rate-micro-batch").option("rowsPerBatch", 10).load()
    running = rows.writeStream.foreachBatch(load).option("checkpointLocation", str(folder / "checkpoint")).start()
    done.wait(BATCH_SECONDS)
    running.stop()


def _learn(spark: SparkSession, folder: Path) -> None:
    table = str(folder / "table")
    words = spark.range(200).select(
        f.concat_ws(" ", f.lit("word"), f.col("id").cast("string"), f.col("id") % 7).alias("text"),
        (f.col("id") % 2).cast("double").alias("label"),
    )
    words.write.format("delta").save(table)
    rows = spark.read.format("delta").option("versionAsOf", 0).load(table).cache()
    tokens = RegexTokenizer(inputCol="text", outputCol="words")
    counts = CountVectorizer(inputCol="words", outputCol="features")
    model = Pipeline(stages=[tokens, counts, NaiveBayes()]).fit(rows)
    predicted = model.transform(rows)
    BinaryClassificationEvaluator().evaluate(predicted)
    predicted.select("label", "prediction").toPandas()
    model.write().save(str(folder / "model"))


def _store(spark: SparkSession, _folder: Path) -> None:
    spark.read.format("delta").load("s3a://none/none").collect()


if __name__ == "__main__":
    if (wanted := jvm.archive_path()) is not None:
        make(wanted)

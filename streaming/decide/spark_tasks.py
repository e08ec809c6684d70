"""Slices as tasks of one Spark job."""

from collections.abc import Sequence
from contextlib import suppress

from py4j.protocol import Py4JError, Py4JJavaError  # type: ignore[import-untyped]  # it ships no types
from pyspark import InheritableThread, SparkContext

from streaming.decide import worker
from streaming.decide.slices import Item
from streaming.decide.worker import Failed, Job, Result

Named = Sequence[tuple[str, list[Item]]]


def run(spark: SparkContext, job: Job, slices: Named) -> Sequence[Result]:
    """Run one task per slice. If a worker dies, the job fails as a whole: then each slice gets a job of its own."""
    try:
        tasks = spark.parallelize(slices, len(slices))
        return tasks.map(lambda one: worker.decide(job, *one)).collect()
    except Py4JJavaError as error:
        if len(slices) > 1:
            return [result for one in slices for result in run(spark, job, [one])]
        return [Failed(_reason(error))]


def warm(spark: SparkContext) -> None:
    """Workers load their libraries while the query starts, instead of in its first batch. Returns at once."""

    def load() -> None:
        spark.setJobDescription("workers load their libraries")
        with suppress(Py4JError):
            spark.parallelize(range(spark.defaultParallelism), spark.defaultParallelism).foreach(worker.ready)

    InheritableThread(load, daemon=True).start()


def _reason(error: Py4JJavaError) -> str:
    """The first line of what Spark says, which names the task and why it was lost."""
    return str(error.java_exception.getMessage()).splitlines()[0][:1000]

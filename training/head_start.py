"""Makes a training start faster: things happen in parallel, and code that runs once is not compiled."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from importlib import import_module
from threading import Thread

from py4j.protocol import Py4JError  # type: ignore[import-untyped]  # it ships no types
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from conf.session import Gateway

# MLflow loads the second when it saves a model.
LIBRARIES = ("training.experiment", "mlflow.pyfunc")

# The class that converts texts to upper and lower case in Spark.
CASE_MAPPINGS = "org.apache.spark.sql.catalyst.util.CollationAwareUTF8String"

# Spark's switch for its small generated classes; where it is not set, Spark compiles them.
FACTORY = "spark.sql.codegen.factoryMode"


@contextmanager
def libraries_loading() -> Iterator[None]:
    """MLflow and scikit-learn are loaded by the end of the block. This takes Python seconds in which it waits for Java."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        loading = pool.map(import_module, LIBRARIES)
        yield
        list(loading)


def load_case_mappings(java: Future[Gateway]) -> None:
    """Java begins to make its tables of upper and lower case. Returns at once.

    Spark would make them for the first text, while all else waits: it asks ICU about each character of Unicode, which takes 1.2 s (measured).
    """

    def load() -> None:
        # The code that needs Java says what is wrong with it.
        with suppress(Py4JError, PySparkException, OSError):
            java.result().jvm.java.lang.Class.forName(CASE_MAPPINGS)

    Thread(target=load, daemon=True).start()


@contextmanager
def interpreting(spark: SparkSession) -> Iterator[None]:
    """Within the block Spark interprets its projections instead of compiling them.

    Delta turns each line of a table's log into an object and back. The code for that is large and runs once. It took 0.7 s of the
    time to read a log of two commits (measured). Spark's whole-stage code, which reads the rows, is not touched.
    """
    before = spark.conf.get(FACTORY, None)
    spark.conf.set(FACTORY, "NO_CODEGEN")
    try:
        yield
    finally:
        if before is None:
            spark.conf.unset(FACTORY)
        else:
            spark.conf.set(FACTORY, before)

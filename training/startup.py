"""What makes a training start faster: two things at once, and nothing compiled that runs once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from training import census
from training.split import Scheme, distinct_messages

# MLflow loads the second when it saves a model.
LIBRARIES = ("training.experiment", "mlflow.pyfunc")

# Spark's switch for its small generated classes; what is not set is Spark's own choice, which compiles them.
FACTORY = "spark.sql.codegen.factoryMode"

# Enough for a batch of each label to go through all that is compiled.
INVENTED = 40
DESCRIPTION = "Invented messages are counted: Java compiles what that takes while Delta reads its log"


@contextmanager
def libraries_loading() -> Iterator[None]:
    """MLflow and scikit-learn are loaded when the block ends: that takes Python seconds in which it waits for Java."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        loading = pool.map(import_module, LIBRARIES)
        yield
        list(loading)


@contextmanager
def census_compiling(spark: SparkSession, scheme: Scheme) -> Iterator[None]:
    """Java has compiled what a census takes when the block ends, and so, in practice, when the block's own census begins.

    A census that comes first to a new JVM spends three quarters of its time on that; Delta leaves half of the machine idle while it
    reads a table's log.
    """
    with ThreadPoolExecutor(max_workers=1) as pool:
        compiling = pool.submit(_count_invented, spark, scheme)
        yield
        compiling.result()


def _count_invented(spark: SparkSession, scheme: Scheme) -> None:
    spark.sparkContext.setJobDescription(DESCRIPTION)
    number = F.col("id")
    # Not from a local relation: Spark computes such a plan while it plans it, and compiles nothing.
    invented = spark.range(INVENTED).select(
        F.when(number % 2 == 0, census.LABELS[0]).otherwise(census.LABELS[1]).alias("label"),
        F.concat(F.lit("message "), number.cast("string")).alias("text"),
    )
    census.groups(distinct_messages(invented), scheme).collect()


@contextmanager
def interpreting(spark: SparkSession) -> Iterator[None]:
    """Within the block Spark interprets its projections instead of compiling them.

    Delta turns each line of a table's log into an object and back. The code for that is large, is run once, and took a third of the
    time of reading a log of two commits (measured). Spark's whole-stage code, which reads the rows, is not touched.
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

"""One Spark session for all tests that need a JVM: real Delta, tables and warehouse in a temporary folder."""

import sys
from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession

from conf import jvm
from training import algorithms
from training.algorithms import Algorithm, Stage

# The main module of pytest-xdist's workers has no file. By that pyspark believes that it runs doctests, and ends the process.
vars(sys.modules["__main__"]).setdefault("__file__", __file__)


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """Set up by `conf/spark-defaults.conf`, as every session of the lakehouse; without a UI."""
    session = (
        SparkSession.builder.appName("tests")
        .config(map=dict(jvm.launch()))
        .config("spark.ui.enabled", "false")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture
def few_iterations(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of what is done with a model, however good it is: each iteration is a Spark job."""
    whole = algorithms.classifier

    def hurried(algorithm: Algorithm) -> list[Stage]:
        stages = whole(algorithm)
        for stage in stages:
            if stage.hasParam("maxIter"):
                stage.set(stage.getParam("maxIter"), 5)
        return stages

    monkeypatch.setattr(algorithms, "classifier", hurried)

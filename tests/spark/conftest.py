"""One Spark session for all tests that need a JVM: real Delta, tables and warehouse in a temporary folder."""

from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """Set up by `conf/spark-defaults.conf`, as every session of the lakehouse; without a UI."""
    session = (
        SparkSession.builder.appName("tests")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .getOrCreate()
    )
    yield session
    session.stop()

"""`python -m tests.spark.compiled FOLDER`: what Java compiles while a training reads its first table, in a JVM of its own."""

import json
import sys
from pathlib import Path

import pyarrow as pa
from deltalake import write_deltalake
from pydantic import SecretStr
from pyspark.sql import SparkSession

from conf import jvm, session
from conf.settings import S3Access
from conf.versions.address import Address
from tests.stack.ports import free_ports
from training import dataset, startup
from training.split import Scheme

NOBODY = S3Access("http://127.0.0.1:9", "nobody", SecretStr("none"))  # the table lies in a folder
LABELS = ["ham", "spam"] * 20


def main(folder: Path) -> None:
    """As `training/train.py` does it, but one after the other: how many classes each of both made."""
    table, scheme = Address.of(str(folder / "table"), NOBODY), Scheme()
    write_deltalake(
        str(table), pa.table({"label": LABELS, "text": [f"text {number}" for number in range(len(LABELS))]})
    )
    [port] = free_ports(1)
    spark = session.start("compiled", NOBODY, port, folder / "events", session.launching(jvm.launch()))
    with startup.census_compiling(spark, scheme):
        pass
    before = compiled(spark)
    dataset.read(spark, table, 0, scheme)
    sys.stdout.write(json.dumps({"before": before, "read": compiled(spark) - before}))


def compiled(spark: SparkSession) -> int:
    """Classes that Spark has generated and compiled in this JVM."""
    jvm_of_spark = spark._jvm  # noqa: SLF001  # Spark counts them, and no Python API tells
    assert jvm_of_spark is not None
    return int(jvm_of_spark.org.apache.spark.metrics.source.CodegenMetrics.METRIC_COMPILATION_TIME().getCount())


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""`python -m tests.spark.first_reading FOLDER`: what a new JVM makes for the first table that a training reads."""

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
from tests.faults.waiting import comes
from tests.stack.ports import free_ports
from training import dataset, head_start
from training.split import Scheme

NOBODY = S3Access("http://127.0.0.1:9", "nobody", SecretStr("none"))  # the table lies in a folder
LABELS = ["ham", "spam"] * 20
PATIENCE_SECONDS = 60


def main(folder: Path) -> None:
    """Whether the case mappings came before there was any text, and how many classes were compiled for the reading."""
    table, log = Address.of(str(folder / "table"), NOBODY), folder / "initialized.log"
    texts = [f"text {number}" for number in range(len(LABELS))]
    write_deltalake(str(table), pa.table({"label": LABELS, "text": texts}))
    java = session.launching(jvm.launch(f"{jvm.fast_options()} -Xlog:class+init=info:file={log}"))
    head_start.load_case_mappings(java)
    initialized = f"'{head_start.CASE_MAPPINGS.replace('.', '/')}'"
    cases = comes(lambda: log.exists() and initialized in log.read_text(), PATIENCE_SECONDS)
    [port] = free_ports(1)
    spark = session.start("first reading", NOBODY, port, folder / "events", java)
    dataset.read(spark, table, 0, Scheme())
    sys.stdout.write(json.dumps({"cases": cases, "compiled": compiled(spark)}))


def compiled(spark: SparkSession) -> int:
    """Classes that Spark has generated and compiled in this JVM."""
    java = spark._jvm  # noqa: SLF001  # Spark counts them, and no Python API tells
    assert java is not None
    return int(java.org.apache.spark.metrics.source.CodegenMetrics.METRIC_COMPILATION_TIME().getCount())


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""One line makes a Spark session; everything that can be tuned is in `conf/spark-defaults.conf`."""

from collections.abc import Mapping
from pathlib import Path

from pyspark import SparkConf, SparkContext
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession

from conf.machine import ROOT
from conf.settings import S3Access


def start(name: str, s3: S3Access, ui_port: int, events: Path, jvm: Mapping[str, str] | None = None) -> SparkSession:
    """A session that reads and writes MinIO as `s3` says, shows its UI on `ui_port` and logs its events in the folder `events`.

    `jvm` are settings of Spark for the JVM that this launches (`spark.driver.memory`); under `spark-submit` it runs already.
    """
    events.mkdir(parents=True, exist_ok=True)
    launch = SparkConf(loadDefaults=False).setAll(list((jvm or {}).items()))
    conf = SparkConf(loadDefaults=False).setAll(
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
        ]
    )
    # The JVM first, without any of these: what is known when it is launched stands on its command line, for all to read.
    return SparkSession(SparkContext(conf=conf, gateway=launch_gateway(launch)))  # type: ignore[no-untyped-call]  # it has no types

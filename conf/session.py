"""One line makes a Spark session; everything that can be tuned is in `conf/spark-defaults.conf`."""

from pyspark.sql import SparkSession

from conf.settings import ROOT, S3Access


def start(name: str, s3: S3Access, ui_port: int) -> SparkSession:
    """A session that reads and writes MinIO as `s3` says and shows its UI on `ui_port`."""
    return (
        SparkSession.builder.appName(name)
        .config("spark.ui.port", ui_port)
        # Every table has an address of its own; without this an empty folder appears wherever Spark is started.
        .config("spark.sql.warehouse.dir", str(ROOT / ".lake" / "warehouse"))
        .config("spark.hadoop.fs.s3a.endpoint", s3.endpoint)
        .config("spark.hadoop.fs.s3a.access.key", s3.access_key)
        .config("spark.hadoop.fs.s3a.secret.key", s3.secret_key.get_secret_value())
        .getOrCreate()
    )

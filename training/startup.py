"""Starts what a training needs before it can begin."""

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

from pyspark.sql import SparkSession

from conf import session
from conf.settings import S3Access

# MLflow loads the second when it saves a model.
LIBRARIES = ("training.experiment", "mlflow.pyfunc")


def start(access: S3Access, ui_port: int) -> SparkSession:
    """The session; while Java starts, MLflow and scikit-learn are loaded: that takes Python several seconds."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        loading = pool.map(import_module, LIBRARIES)
        spark = session.start("lakehouse training", access, ui_port)
        list(loading)
    return spark

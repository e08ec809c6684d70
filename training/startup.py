"""Starts what a training needs before it can begin."""

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

from pyspark.sql import SparkSession

from conf import session
from conf.settings import S3Access


def start(access: S3Access, ui_port: int) -> SparkSession:
    """The session; while Java starts, MLflow and scikit-learn are loaded, which takes Python several seconds."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(import_module, "training.experiment")
        return session.start("lakehouse training", access, ui_port)

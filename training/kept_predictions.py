"""Checks whether a loaded model gives exactly the predictions that its training logged."""

import mlflow
import pandas as pd
from mlflow.entities.model_registry import ModelVersion
from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession

from conf.settings import S3Access
from conf.versions.address import Address
from training import dataset, kept_model, own_predictions, snapshot
from training.errors import ScoringError, SnapshotError
from training.own_predictions import Agreement


def check(spark: SparkSession, access: S3Access, model: PipelineModel, version: ModelVersion) -> str:
    """The finding in words: the model does, or why that cannot be known. Raises `ScoringError` when it does not."""
    run = mlflow.MlflowClient().get_run(str(version.run_id))
    table, number = run.data.params.get("table"), run.data.params.get("table_version")
    logged = kept_model.artifact(str(version.run_id), own_predictions.FILE, pd.read_parquet)
    if logged is None or table is None or number is None:
        return f"not possible: the run {version.run_id} logged no {own_predictions.FILE}"
    try:
        snapshot.resolve(Address.of(table, access), int(number))
        messages = dataset.distinct(spark, table, int(number))
        with snapshot.reading(table):
            found = own_predictions.compare(logged, own_predictions.of(model, messages))
    except SnapshotError as error:
        return f"not possible: {error}"
    if not found.holds:
        raise ScoringError(_difference(version, found, f"version {number} of {table}"))
    return (
        f"the {found.messages} predictions logged at its training are given again (largest difference {found.gap:.0e})"
    )


def _difference(version: ModelVersion, found: Agreement, where: str) -> str:
    return (
        f"The model {version.name}/{version.version} does not give the predictions that its training logged, on {where}: "
        f"{found.otherwise} of {found.messages} messages are told otherwise, {found.unmatched} are on one side only, the largest "
        f"difference is {found.gap:.1e}. Its artifacts, its rows or Spark have changed. `--no-check` scores all the same."
    )

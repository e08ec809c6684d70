"""A registered model as MLflow keeps it: found by its name, and loaded as Spark saved it."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import mlflow
import mlflow.spark
from mlflow.entities import FileInfo
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from pyspark.ml import PipelineModel

from training import model_name
from training.errors import LineageError

Content = TypeVar("Content")

# The parts that a model in Spark's own format needs.
PARTS = {"MLmodel", "sparkml"}
# MLflow's codes for a missing model. It checks permissions first, and nobody has any on a model that nobody made.
ABSENT = {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE", "PERMISSION_DENIED"}


def find(name: str) -> ModelVersion:
    """The version that `NAME@ALIAS` or `NAME/VERSION` names. Raises `LineageError` when there is none."""
    asked = model_name.parse(name)
    client = mlflow.MlflowClient()
    try:
        if asked.alias:
            return client.get_model_version_by_alias(asked.model, asked.alias)
        return client.get_model_version(asked.model, str(asked.version))
    except MlflowException as error:
        if error.error_code not in ABSENT:
            raise
        raise LineageError(
            f"MLflow at {mlflow.get_tracking_uri()} shows no model {name}: it is not there, or is not for this login to see. "
            "`spark-submit training/train.py` makes one; MLflow's page lists those that there are."
        ) from error


def load(version: ModelVersion) -> PipelineModel:
    """The model in Spark's own format. Raises `LineageError` when its artifacts are gone, and MLflow's errors."""
    name = f"{version.name}/{version.version}"
    if not is_whole(version):
        raise LineageError(
            f"The artifacts of the model {name} are gone from MLflow. Name another version, or train again: "
            f"`lake trace --model {name}` says on what."
        )
    return fetch(f"models:/{name}")


def fetch(uri: str) -> PipelineModel:
    """The model at `models:/…`, loaded. Raises MLflow's errors."""
    # MLflow would leave what it downloads in /tmp/mlflow for good.
    with TemporaryDirectory() as folder:
        model: PipelineModel = mlflow.spark.load_model(uri, dfs_tmpdir=folder)
    return model


def is_whole(version: ModelVersion) -> bool:
    """Whether its artifacts are there."""
    # Taken from `models:/m-…`: the version's own `model_id` is empty when it comes from MLflow's store (3.17).
    return has_parts(str(version.source or "").rpartition("/")[2])


def has_parts(model_id: str) -> bool:
    """Whether its artifacts are there. They are listed, not loaded; a failing service is an error, not a missing model."""
    return bool(model_id) and _listed(mlflow.MlflowClient().list_logged_model_artifacts, model_id) >= PARTS


def artifact(run: str, name: str, read: Callable[[Path], Content]) -> Content | None:
    """What `read` makes of a run's file; None when the run no longer has one of this name."""
    client = mlflow.MlflowClient()
    if name not in _listed(client.list_artifacts, run):
        return None
    # MLflow would leave what it downloads in a temporary folder for good.
    with TemporaryDirectory() as folder:
        return read(Path(client.download_artifacts(run, name, folder)))


def _listed(files: Callable[[str], list[FileInfo]], owner: str) -> set[str]:
    try:
        return {file.path for file in files(owner)}
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return set()
        raise

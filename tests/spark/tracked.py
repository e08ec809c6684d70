"""Trainings on tables in folders, with MLflow's own store in a folder beside them."""

from pathlib import Path
from tempfile import TemporaryDirectory

import mlflow
import pytest
from pydantic import SecretStr
from pyspark.sql import SparkSession

from conf.settings import MlflowAccess, S3Access
from conf.versions.address import Address
from training import dataset, experiment
from training.request import Request
from training.stopwatch import Stopwatch
from training.summary import Summary

QUIET = [
    # MLflow's models of its database use what the newest SQLAlchemy advises against.
    pytest.mark.filterwarnings("ignore:.*noload.*:sqlalchemy.exc.SADeprecationWarning"),
    # MLflow warns of type hints of its own while it is imported.
    pytest.mark.filterwarnings("ignore:.*Any type hint is inferred:UserWarning"),
]
NOBODY = S3Access("http://127.0.0.1:9", "nobody", SecretStr("none"))  # the tables lie in folders


def access(url: str) -> MlflowAccess:
    """MLflow at this address, which asks for no password."""
    return MlflowAccess(url, "trainer", SecretStr("not asked for"), "http://127.0.0.1:4000")


def store(folder: Path, name: str) -> MlflowAccess:
    """MLflow without its server, with an experiment of this name; artifacts in a folder beside the store."""
    url = f"sqlite:///{folder}/mlflow.db"
    mlflow.set_tracking_uri(url)
    mlflow.create_experiment(name, artifact_location=(folder / "artifacts").as_uri())
    return access(url)


def train(spark: SparkSession, request: Request, server: MlflowAccess, name: str) -> Summary:
    """What was asked for, read, trained and registered under this name."""
    data = dataset.read(spark, Address.of(request.location, NOBODY), request.version, request.scheme)
    with TemporaryDirectory() as place:
        return experiment.run(data, request, server, name, Stopwatch(), Path(place))

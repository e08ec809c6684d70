"""Trainings on tables in folders, with MLflow's own store in a folder beside them, or with its server."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import mlflow
import pytest
from pydantic import SecretStr
from pyspark.sql import SparkSession

from conf.machine import ROOT
from conf.settings import MlflowAccess, S3Access
from conf.versions.address import Address
from tests.stack.ports import free_ports
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
PATIENCE_SECONDS = 300
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


@contextmanager
def served(artifacts: Path) -> Iterator[MlflowAccess]:
    """MLflow's server, with artifacts through it as in the stack, all below the folder of `artifacts`; it takes any login."""
    folder = artifacts.parent
    [port] = free_ports(1)
    command = [
        *(sys.executable, "-m", "mlflow", "server", "--backend-store-uri", f"sqlite:///{folder}/mlflow.db"),
        *("--artifacts-destination", str(artifacts), "--port", str(port), "--workers", "1"),
    ]
    url = f"http://127.0.0.1:{port}"
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            command, stdout=log, stderr=log, env=os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
        ) as running,
    ):
        _await(url, running, folder / "log")
        yield MlflowAccess(url, "trainer", SecretStr("any"), url)
        running.terminate()


def _await(url: str, running: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and running.poll() is None:
        try:
            if httpx.get(f"{url}/health").is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.5)
    pytest.fail(f"MLflow did not come up: {log.read_text()[-2000:]}")


def program(name: str, server: MlflowAccess, home: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """A program of `training/` as a process of its own."""
    environment = os.environ | {
        "LAKE_HOME": str(home),
        "MLFLOW_PORT": server.url.rpartition(":")[2],
        "TRAINER_ACCESS_KEY": "trainer",
        "TRAINER_SECRET_KEY": "secret",
        "MLFLOW_TRAINER_USER": "trainer",
        "MLFLOW_TRAINER_PASSWORD": "any",
    }
    command = [sys.executable, str(ROOT / "training" / name), *options]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

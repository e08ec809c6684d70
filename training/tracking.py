"""The connection of trainings to MLflow, and runs that no crash leaves RUNNING."""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import time

import mlflow
from mlflow.entities import Run, RunStatus
from mlflow.environment_variables import (
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR,
    MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT,
    MLFLOW_TRACKING_PASSWORD,
    MLFLOW_TRACKING_USERNAME,
)
from mlflow.exceptions import MlflowException

from conf.settings import MlflowAccess
from training.errors import ServiceError

FINISHED, FAILED = (RunStatus.to_string(one) for one in (RunStatus.FINISHED, RunStatus.FAILED))


def quiet() -> None:
    """MLflow and its libraries do not complain about an environment without pip or git, such as containers and uv's."""
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")


@contextmanager
def connected(access: MlflowAccess) -> Iterator[None]:
    """Inside, MLflow is the server of `access`; what it refuses becomes a `ServiceError`."""
    quiet()
    MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT.set(True)  # type: ignore[no-untyped-call]  # the summary ends with the link
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR.set(False)  # type: ignore[no-untyped-call]  # a hundred lines for a second
    # Its client reads the login from its own variables, and from nowhere else.
    MLFLOW_TRACKING_USERNAME.set(access.user)  # type: ignore[no-untyped-call]
    MLFLOW_TRACKING_PASSWORD.set(access.password.get_secret_value())  # type: ignore[no-untyped-call]
    mlflow.set_tracking_uri(access.url)
    try:
        yield
    except MlflowException as error:
        raise ServiceError(f"MLflow at {access.url} refused: {str(error).splitlines()[0]}") from error


@contextmanager
def whole(run: Run, ended: int | None = None) -> Iterator[str]:
    """The run's id. The run is FINISHED after the block, and FAILED until then: nobody may be left to say that it failed.

    `ended` is when its work ended, in milliseconds since 1970; without it, now.
    """
    client, run_id = mlflow.MlflowClient(), str(run.info.run_id)
    client.set_terminated(run_id, FAILED, end_time=ended)
    yield run_id
    client.set_terminated(run_id, FINISHED, end_time=ended)


def now() -> int:
    """In milliseconds since 1970, as MLflow counts."""
    return int(time() * 1000)


def begun(experiment_id: str, tags: Mapping[str, str], began: int, name: str | None = None) -> Run:
    """A new run of this experiment, whose work began at `began`."""
    return mlflow.MlflowClient().create_run(experiment_id, start_time=began, tags=dict(tags), run_name=name)

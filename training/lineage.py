"""The table version that a registered model was trained on, as MLflow's REST API gives it; without MLflow itself."""

from typing import Any, NamedTuple

import httpx

from conf.settings import MlflowAccess
from training import model_name
from training.errors import LineageError, ServiceError
from training.mlflow_login import login, refused

_API = "/api/2.0/mlflow"
_TIMEOUT_SECONDS = 10


class Lineage(NamedTuple):
    """A model's version, its run, and the rows that the run read."""

    model: str
    model_version: str
    run_id: str
    run_name: str
    status: str
    table: str
    table_version: int
    table_digest: str | None
    """The number of rows that the run read, and the sum of their contents' hashes."""
    commit: str | None
    """The commit of the code, where MLflow knows it."""


def lineage(access: MlflowAccess, name: str) -> Lineage:
    """What the model `NAME@alias` or `NAME/version` was trained on.

    Raises `LineageError` for a model, version or alias that is not there, or that does not say; `ServiceError` when MLflow does not
    answer or refuses.
    """
    try:
        with httpx.Client(base_url=f"{access.url}{_API}", auth=login(access), timeout=_TIMEOUT_SECONDS) as mlflow:
            entry = _model_version(mlflow, name)
            if not entry.get("run_id"):
                raise LineageError(f"The model {name} has no run: it was not registered by a training of this project.")
            run = _asked(mlflow, "/runs/get", run_id=entry["run_id"])["run"]
    except httpx.HTTPError as error:
        if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == httpx.codes.UNAUTHORIZED:
            raise refused(access) from error
        raise ServiceError(f"MLflow at {access.url} does not answer: {error}. Start it with `lake up`.") from error
    parameters = {one["key"]: one["value"] for one in run["data"].get("params", [])}
    tags = {one["key"]: one["value"] for one in run["data"].get("tags", [])}
    if not {"table", "table_version"} <= set(parameters):
        raise LineageError(
            f"The run {entry['run_id']} of the model {name} names no table version among its parameters."
        )
    return Lineage(
        model=entry["name"],
        model_version=str(entry["version"]),
        run_id=entry["run_id"],
        run_name=run["info"].get("run_name", ""),
        status=run["info"]["status"],
        table=parameters["table"],
        table_version=int(parameters["table_version"]),
        table_digest=parameters.get("table_digest"),
        commit=tags.get("mlflow.source.git.commit"),
    )


def _model_version(mlflow: httpx.Client, name: str) -> dict[str, Any]:
    asked = model_name.parse(name)
    if asked.alias:
        found = _asked(mlflow, "/registered-models/alias", name=asked.model, alias=asked.alias)
    else:
        found = _asked(mlflow, "/model-versions/get", name=asked.model, version=str(asked.version))
    return dict(found["model_version"])


def _asked(mlflow: httpx.Client, path: str, **parameters: str) -> dict[str, Any]:
    """MLflow's answer. Raises `LineageError` when that says that there is no such thing, and httpx's errors."""
    where = f"MLflow at {mlflow.base_url.copy_with(path='')}"
    answer = mlflow.get(path, params=parameters)
    said = answer.json() if answer.headers.get("content-type", "").startswith("application/json") else {}
    if answer.status_code in {httpx.codes.NOT_FOUND, httpx.codes.BAD_REQUEST} and "message" in said:
        raise LineageError(f"{where}: {said['message']}")
    if answer.status_code == httpx.codes.FORBIDDEN:
        # MLflow's answer for a model that nobody made: it checks permissions first.
        raise LineageError(f"{where} shows no such model: it is not there, or is not for this login to see.")
    answer.raise_for_status()
    return dict(said)

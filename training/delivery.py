"""Hands a parcel to MLflow: run, model, registered version, champion. A delivery that was cut off anywhere can be resumed."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import mlflow
from mlflow.data.delta_dataset_source import DeltaDatasetSource
from mlflow.data.meta_dataset import MetaDataset
from mlflow.entities import DatasetInput, LoggedModel, LoggedModelOutput, Run
from mlflow.entities.model_registry import ModelVersion
from mlflow.models import Model
from mlflow.models.model import MLMODEL_FILE_NAME
from pyspark.sql import DataFrame

from conf.settings import MlflowAccess
from training import kept_model, registry, tracking
from training.contest import Decision
from training.errors import ServiceError
from training.parcel import Parcel
from training.rivals import Rivals
from training.stopwatch import Stopwatch

REMEDY = "`lake deliver` (compose: `docker compose run --rm deliver`) hands it over once MLflow answers."


@dataclass(frozen=True)
class Delivered:
    """A parcel as MLflow has it now."""

    run_id: str
    experiment_id: str
    entry: ModelVersion
    decision: Decision


def deliver(parcel: Parcel, server: MlflowAccess, messages: Callable[[], DataFrame], watch: Stopwatch) -> Delivered:
    """MLflow has all of it, once, and the parcel is gone. `messages` gives those that it was trained on, to ask rivals about.

    Raises `ServiceError` when MLflow does not answer, or refuses; the parcel is kept then.
    """
    try:
        with tracking.connected(server):
            with watch.stage("log"):
                run = _run_of(parcel)
                entry = _entry_of(run)
                if run.info.status != tracking.FINISHED or entry is None:
                    with tracking.whole(run, parcel.about.ended) as run_id:
                        _log(parcel, run_id)
                        model = _model(parcel, run)
                        entry = entry or registry.register(parcel.about.name, model, parcel.about.tags)
            with watch.stage("register"):
                rivals = Rivals(parcel.about.name, messages)
                decision = registry.promote(entry, rivals.contender, rivals.ask)
    except ServiceError as error:
        raise ServiceError(f"{error}\nThe training is done, and kept in {parcel.folder}: {REMEDY}") from error
    parcel.remove()
    return Delivered(str(run.info.run_id), run.info.experiment_id, entry, decision)


def _run_of(parcel: Parcel) -> Run:
    """The run that an earlier delivery has begun, or a new one."""
    about = parcel.about
    experiment = mlflow.set_experiment(about.name).experiment_id
    found = mlflow.MlflowClient().search_runs([experiment], f"tags.training = '{about.training}'", max_results=1)
    return found[0] if found else tracking.begun(experiment, about.tags | about.run_tags, about.began)


def _entry_of(run: Run) -> ModelVersion | None:
    """The version that an earlier delivery has registered."""
    found = mlflow.MlflowClient().search_model_versions(f"run_id = '{run.info.run_id}'")
    return found[0] if found else None


def _log(parcel: Parcel, run_id: str) -> None:
    """Log parameters, files and, as the dataset input, one table version with our digest of its rows.

    Not `mlflow.data.load_delta`: it counts the rows once more, in Python, and adds nothing else. The version is a string
    because MLflow leaves out the number 0.
    """
    about, client = parcel.about, mlflow.MlflowClient()
    mlflow.log_params(about.parameters, run_id=run_id)
    client.log_artifacts(run_id, str(parcel.artifacts))
    source = DeltaDatasetSource(path=about.table, delta_table_version=str(about.version))  # type: ignore[arg-type]  # see above
    name = f"{about.table.rstrip('/').rpartition('/')[2]}@{about.version}"
    read = MetaDataset(source, name, about.digest)  # type: ignore[abstract]  # `profile` has a default after all
    client.log_inputs(run_id, [DatasetInput(read._to_mlflow_entity(), [])])  # noqa: SLF001  # as `mlflow.log_input` does


def _model(parcel: Parcel, run: Run) -> LoggedModel:
    """The run's model, with its metrics: the one that an earlier delivery uploaded whole, or a new one.

    This takes the steps of `mlflow.spark.log_model` instead of calling it: with proxied artifacts that call first prints
    an error with a stack trace, and it leaves its temporary files in /tmp/mlflow for good.
    """
    client, run_id = mlflow.MlflowClient(), str(run.info.run_id)
    outputs = run.outputs.model_outputs if run.outputs else []
    for output in outputs:
        if kept_model.has_parts(output.model_id):
            return client.get_logged_model(output.model_id)
    logged = mlflow.initialize_logged_model(name=parcel.about.name, source_run_id=run_id, model_type="spark")
    try:
        _name(parcel.model, logged)
        client.log_model_artifacts(logged.model_id, str(parcel.model))
        mlflow.log_metrics(parcel.about.metrics, run_id=run_id, model_id=logged.model_id)
    except BaseException:
        mlflow.finalize_logged_model(logged.model_id, "FAILED")
        raise
    client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=0)])
    return mlflow.finalize_logged_model(logged.model_id, "READY")


def _name(folder: Path, logged: LoggedModel) -> None:
    """The saved model names its run and its own id."""
    described = Model.load(str(folder))
    described.run_id, described.artifact_path = logged.source_run_id, logged.artifact_location
    described.model_uuid = described.model_id = logged.model_id
    described.save(str(folder / MLMODEL_FILE_NAME))

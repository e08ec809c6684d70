"""One MLflow run for each training: what went in, what came out, and the model itself."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from importlib.metadata import version as installed
from pathlib import Path
from tempfile import TemporaryDirectory

import mlflow
import mlflow.spark
import pandas as pd
from matplotlib.figure import Figure
from mlflow.data.delta_dataset_source import DeltaDatasetSource
from mlflow.data.meta_dataset import MetaDataset
from mlflow.entities import LoggedModel, LoggedModelOutput, Run
from mlflow.environment_variables import (
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR,
    MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT,
    MLFLOW_TRACKING_PASSWORD,
    MLFLOW_TRACKING_USERNAME,
)
from mlflow.exceptions import MlflowException
from mlflow.models import Model, ModelSignature
from mlflow.types import ColSpec, DataType, Schema
from mlflow.utils.mlflow_tags import MLFLOW_GIT_COMMIT
from pyspark.ml import PipelineModel

from conf.settings import MlflowAccess
from training import recipe
from training.dataset import Dataset
from training.errors import ServiceError
from training.evaluation import Evaluation
from training.recipe import Recipe
from training.sources import UNKNOWN

REQUIREMENTS = [f"{package}=={installed(package)}" for package in ("mlflow", "pyspark", "pandas")]

# Behind a metric's name: where its interval begins and ends.
ENDS = ("low", "high")

# Written down, not inferred: to infer them MLflow loads the model again in a process of its own (20 s).
SIGNATURE = ModelSignature(
    inputs=Schema([ColSpec(DataType.string, "text")]), outputs=Schema([ColSpec(DataType.double, "prediction")])
)
EXAMPLE = pd.DataFrame(
    {"text": ["Shall we meet at the station at 6?", "You have WON a £500 voucher! Text CLAIM to 80888"]}
)


@contextmanager
def connected(access: MlflowAccess) -> Iterator[None]:
    """Inside, MLflow is the server of `access`; what it refuses becomes a `ServiceError`."""
    logging.getLogger("mlflow").setLevel(logging.ERROR)  # it warns that a uv environment has no pip
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
def run(experiment: str, tags: Mapping[str, str]) -> Iterator[Run]:
    """A run that ends with the block: FINISHED, or FAILED when the block raises. MLflow adds the git commit."""
    mlflow.set_experiment(experiment)
    with mlflow.start_run(tags=dict(tags)) as active:
        yield active


def log_inputs(data: Dataset, made_by: Recipe) -> None:
    """The recipe, its parts as parameters, and as the dataset input one table version with our digest of its rows.

    Not `mlflow.data.load_delta`: it counts the rows once more, in Python, and adds nothing else. The version is a string
    because MLflow leaves out the number 0.
    """
    mlflow.log_params(made_by.logged())
    mlflow.log_text(made_by.text(), recipe.FILE)
    mlflow.set_tag(recipe.DIGEST, recipe.digest(made_by.text()))
    if made_by.commit != UNKNOWN:
        # MLflow asks git, which is in no container.
        mlflow.set_tag(MLFLOW_GIT_COMMIT, made_by.commit.removesuffix("-dirty"))
    source = DeltaDatasetSource(path=data.location, delta_table_version=str(data.version))  # type: ignore[arg-type]  # see above
    name = f"{data.location.rstrip('/').rpartition('/')[2]}@{data.version}"
    dataset = MetaDataset(source, name, data.census.digest)  # type: ignore[abstract]  # `profile` has a default after all
    mlflow.log_input(dataset, context="training")


def log_results(tested: Evaluation, plots: Mapping[str, Figure], model: LoggedModel) -> None:
    """The metrics with their intervals, of the run and of its model, the digests and the plots."""
    mlflow.log_metrics(figures(tested), model_id=model.model_id)
    mlflow.set_tags(digests(tested))
    for name, figure in plots.items():
        mlflow.log_figure(figure, name)


def figures(tested: Evaluation) -> dict[str, float]:
    """The metrics by name, with the ends of those that have an interval."""
    ends = {f"{name}_{end}": at for name, both in tested.intervals.items() for end, at in zip(ENDS, both, strict=True)}
    return asdict(tested.metrics) | ends


def digests(tested: Evaluation) -> dict[str, str]:
    """Of the messages that were tested on, and of what was said about each: tags of a run."""
    return {"test_digest": tested.test_digest, "predictions_digest": tested.predictions_digest}


def log_tables(tables: Mapping[str, pd.DataFrame]) -> None:
    """Each under its file name, as Parquet or CSV, whichever that says."""
    with TemporaryDirectory() as folder:
        for name, table in tables.items():
            if name.endswith(".parquet"):
                table.to_parquet(Path(folder, name), index=False)
            else:
                table.to_csv(Path(folder, name), index=False)
        mlflow.log_artifacts(folder)


def log_model(model: PipelineModel, name: str, run_id: str) -> LoggedModel:
    """The model in Spark's own format, with signature and input example, ready to be registered.

    By the steps of `mlflow.spark.log_model` and not by that call: through proxied artifacts it first prints an error
    with a stack trace, and it puts its temporary files into /tmp/mlflow for good.
    """
    logged = mlflow.initialize_logged_model(name=name, source_run_id=run_id, model_type="spark")
    try:
        with TemporaryDirectory() as folder:
            _save(model, Path(folder), logged)
            mlflow.MlflowClient().log_model_artifacts(logged.model_id, f"{folder}/model")
    except BaseException:
        mlflow.finalize_logged_model(logged.model_id, "FAILED")
        raise
    mlflow.MlflowClient().log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=0)])
    return mlflow.finalize_logged_model(logged.model_id, "READY")


def _save(model: PipelineModel, folder: Path, logged: LoggedModel) -> None:
    mlflow.spark.save_model(
        model,
        path=str(folder / "model"),
        mlflow_model=Model(
            artifact_path=logged.artifact_location,
            run_id=logged.source_run_id,
            model_uuid=logged.model_id,
            model_id=logged.model_id,
        ),
        dfs_tmpdir=str(folder / "spark"),
        signature=SIGNATURE,
        input_example=EXAMPLE,
        pip_requirements=REQUIREMENTS,
    )

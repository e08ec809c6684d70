"""What MLflow keeps of one training: its recipe and its results, to be compared with a repetition."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import mlflow
import pandas as pd
from mlflow.entities import Run
from mlflow.exceptions import MlflowException
from pyspark.ml import PipelineModel

from training import kept_model, recipe
from training.errors import LineageError
from training.recipe import Recipe
from training.rivals import SCORES

GONE = "RESOURCE_DOES_NOT_EXIST"


@dataclass(frozen=True)
class Record:
    """A finished run, as MLflow recorded it."""

    run_id: str
    experiment_id: str
    recipe: Recipe
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    figures: Mapping[str, float]
    """Its metrics."""
    untouched: bool
    """Whether the recipe is the one that the training wrote."""
    model_id: str | None

    def scores(self) -> pd.DataFrame | None:
        """The out-of-fold scores of each message; None when they are gone."""
        return kept_model.artifact(self.run_id, SCORES, pd.read_parquet)

    def model(self) -> PipelineModel | None:
        """The model that was fitted on all messages; None when it is gone."""
        if self.model_id is None or not kept_model.has_parts(self.model_id):
            return None
        return kept_model.fetch(f"models:/{self.model_id}")


def read(name: str) -> Record:
    """The record of a run, by its id or by a model of it, as `NAME@ALIAS` or `NAME/VERSION`.

    Raises `LineageError` when there is no such run, or when it is not one that can be repeated: not finished, without a recipe,
    or of an algorithm that this code does not know.
    """
    try:
        run = mlflow.MlflowClient().get_run(_run_id(name))
    except MlflowException as error:
        if error.error_code not in {GONE, "INVALID_PARAMETER_VALUE"}:
            raise
        raise LineageError(f"MLflow knows no run {name}: {str(error).splitlines()[0]}") from error
    text = _recipe_of(run)
    try:
        found = recipe.written(text)
        found.request()
    except (ValueError, KeyError, TypeError) as error:
        raise LineageError(f"This code cannot read {recipe.FILE} of the run {run.info.run_id}: {error}") from error
    models = run.outputs.model_outputs if run.outputs else []
    return Record(
        run_id=run.info.run_id,
        experiment_id=run.info.experiment_id,
        recipe=found,
        parameters=run.data.params,
        tags=run.data.tags,
        figures=run.data.metrics,
        untouched=run.data.tags.get(recipe.DIGEST) == recipe.digest(text),
        model_id=models[0].model_id if models else None,
    )


def _run_id(name: str) -> str:
    if "@" not in name and "/" not in name:
        return name
    found = kept_model.find(name)
    if not found.run_id:
        raise LineageError(f"The model {name} has no run: it was not registered by a training of this project.")
    return str(found.run_id)


def _recipe_of(run: Run) -> str:
    if run.info.status != "FINISHED":
        raise LineageError(
            f"The run {run.info.run_id} is {run.info.status}: only a FINISHED one has results to compare."
        )
    text = kept_model.artifact(run.info.run_id, recipe.FILE, Path.read_text)
    if text is None:
        raise LineageError(
            f"The run {run.info.run_id} has no {recipe.FILE}: it is no training, or one of an earlier version, which kept none. "
            "Train on that table version again; the new run can be repeated."
        )
    return text

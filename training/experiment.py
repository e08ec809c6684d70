"""One training, from the messages of a table version to a registered model."""

from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path

import pandas as pd
from mlflow.tracking.context.registry import resolve_tags
from mlflow.utils.mlflow_tags import MLFLOW_GIT_COMMIT
from pyspark.sql import functions as F

from conf.settings import MlflowAccess
from training import delivery, evaluation, fitting, own_predictions, packing, parcel, plots, recipe, tracking
from training.dataset import Dataset
from training.delivery import Delivered
from training.evaluation import Evaluation
from training.fitting import Fitted
from training.parcel import About, Parcel
from training.recipe import Recipe
from training.request import Request
from training.rivals import SCORES
from training.sources import UNKNOWN
from training.stopwatch import Stopwatch
from training.summary import Summary

# Mistakes that a run shows.
WORST = 25


def run(
    data: Dataset, request: Request, server: MlflowAccess, model_name: str, watch: Stopwatch, place: Path
) -> Summary:
    """Tests out of fold, fits on all messages, logs and registers.

    The whole result is kept below `place` before MLflow is asked for anything, and stays there until MLflow has it. Raises
    `TrainingError`.
    """
    tracking.quiet()
    began = tracking.now()
    made_by = recipe.of(request, data, data.messages.sparkSession)
    fitted = fitting.fit(data.messages, request, watch)
    with ExitStack() as kept:
        with watch.stage("pack"):
            about = _about(request, data, made_by, fitted.tested, model_name, began)
            packed = kept.enter_context(_packed(place, data, fitted, made_by, about))
        done = delivery.deliver(packed, server, lambda: data.messages, watch)
    return _summary(data, request, fitted.tested, server, done, watch)


def _packed(
    place: Path, data: Dataset, fitted: Fitted, made_by: Recipe, about: About
) -> AbstractContextManager[Parcel]:
    tables = _tables(fitted.tested.scores, data)
    tables[own_predictions.FILE] = own_predictions.of(fitted.model, data.messages)
    draw, texts = partial(plots.draw, fitted.tested), {recipe.FILE: made_by.text()}
    return parcel.packed(place, about, lambda folder: packing.fill(folder, fitted.model, tables, draw, texts))


def _about(request: Request, data: Dataset, made_by: Recipe, tested: Evaluation, model_name: str, began: int) -> About:
    return About(
        training=request.training,
        name=model_name,
        began=began,
        ended=tracking.now(),
        table=data.location,
        version=data.version,
        digest=data.census.digest,
        parameters=made_by.logged(),
        tags=_tags(request, data),
        run_tags=_run_tags(made_by) | packing.digests(tested),
        metrics=packing.figures(tested),
    )


def _tags(request: Request, data: Dataset) -> dict[str, str]:
    """The tags by which a run and its model version can be found."""
    return {
        "algorithm": str(request.algorithm),
        "table": data.location,
        "table_version": str(data.version),
        "origin": data.origin,
        # The id of its pin.
        "training": request.training,
    }


def _run_tags(made_by: Recipe) -> dict[str, str]:
    """Who trained, by which program and commit, as MLflow's own tags; and the digest of the recipe."""
    # MLflow asks git for the commit, and no container has git.
    commit = {} if made_by.commit == UNKNOWN else {MLFLOW_GIT_COMMIT: made_by.commit.removesuffix("-dirty")}
    return {**resolve_tags(), **commit, recipe.DIGEST: recipe.digest(made_by.text())}


def _summary(
    data: Dataset, request: Request, tested: Evaluation, server: MlflowAccess, done: Delivered, watch: Stopwatch
) -> Summary:
    return Summary(
        algorithm=request.algorithm,
        origin=data.origin,
        folds=request.scheme.folds,
        repeats=request.scheme.repeats,
        table=data.location,
        version=data.version,
        census=data.census,
        metrics=tested.metrics,
        intervals=tested.intervals,
        test_digest=tested.test_digest,
        predictions_digest=tested.predictions_digest,
        run_id=done.run_id,
        run_url=f"{server.page}/#/experiments/{done.experiment_id}/runs/{done.run_id}",
        model_name=done.entry.name,
        model_version=int(done.entry.version),
        champion=done.decision.champion,
        champion_reason=done.decision.reason,
        seconds=watch.seconds,
    )


def _tables(scores: pd.DataFrame, data: Dataset) -> dict[str, pd.DataFrame]:
    """What a run keeps beside its metrics, by file name."""
    worst = evaluation.worst(scores, WORST)
    texts = data.messages.where(F.col("message_id").isin(worst["message_id"].tolist())).select(
        "message_id", "spam", "text"
    )
    return {
        SCORES: scores,
        "thresholds.csv": evaluation.thresholds(scores),
        "worst-mistakes.csv": worst.merge(texts.toPandas(), on=["message_id", "spam"], how="left"),
    }

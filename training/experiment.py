"""One training, from the messages of a table version to a registered model."""

import pandas as pd
from pyspark.sql import functions as F

from conf.settings import MlflowAccess
from training import evaluation, fitting, own_predictions, plots, recipe, registry, tracking
from training.dataset import Dataset
from training.request import Request
from training.rivals import SCORES, Rivals
from training.stopwatch import Stopwatch
from training.summary import Summary

# Mistakes that a run shows.
WORST = 25


def run(data: Dataset, request: Request, server: MlflowAccess, model_name: str, watch: Stopwatch) -> Summary:
    """Tests out of fold, fits on all messages, logs and registers. Raises `TrainingError`; a run that was begun is then FAILED."""
    tags = _tags(request, data)
    with tracking.connected(server), tracking.run(model_name, tags) as active:
        tracking.log_inputs(data, recipe.of(request, data, data.messages.sparkSession))
        fitted = fitting.fit(data.messages, request, watch)
        tested = fitted.tested
        with watch.stage("log"):
            said = own_predictions.of(fitted.model, data.messages)
            tracking.log_tables(_tables(tested.scores, data) | {own_predictions.FILE: said})
            logged = tracking.log_model(fitted.model, model_name, active.info.run_id)
            tracking.log_results(tested, plots.draw(tested), logged)
        with watch.stage("register"):
            entry = registry.register(model_name, logged, tags)
            rivals = Rivals(model_name, data.messages)
            decision = registry.promote(entry, rivals.contender, rivals.ask)
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
        run_id=active.info.run_id,
        run_url=f"{server.page}/#/experiments/{active.info.experiment_id}/runs/{active.info.run_id}",
        model_name=entry.name,
        model_version=int(entry.version),
        champion=decision.champion,
        champion_reason=decision.reason,
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


def _tags(request: Request, data: Dataset) -> dict[str, str]:
    """What a run and its model version can be found by."""
    return {
        "algorithm": str(request.algorithm),
        "table": data.location,
        "table_version": str(data.version),
        "origin": data.origin,
        # The id of its pin.
        "training": request.training,
    }

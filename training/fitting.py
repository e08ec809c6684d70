"""Turns the messages of a table version into out-of-fold predictions, and into a model fitted on all of them."""

from dataclasses import dataclass

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame

from training import algorithms, crossvalidation, evaluation, words
from training.evaluation import Evaluation
from training.request import Request
from training.stopwatch import Stopwatch
from training.vocabulary import Vocabulary


@dataclass(frozen=True)
class Fitted:
    """The result of a training: the same for the same messages and request."""

    tested: Evaluation
    model: PipelineModel


def fit(messages: DataFrame, request: Request, watch: Stopwatch) -> Fitted:
    """Tests out of fold, and fits on all messages. Raises `DataError`."""
    splitters = words.splitters(characters=request.characters)
    split = PipelineModel(splitters).transform(messages).cache()
    try:
        with watch.stage("test"):
            tested = evaluation.assess(crossvalidation.predict(request.algorithm, split, request.scheme))
        with watch.stage("fit"):
            fitted = algorithms.fit(request.algorithm, split, Vocabulary(split).without())
    finally:
        split.unpersist()
    return Fitted(tested, PipelineModel([*splitters, *fitted.stages]))

"""How good a model is on the test messages: always from its probability of spam.

Spark's own evaluator reads `rawPrediction` by default, which Naive Bayes fills with log-joints: its AUC means nothing.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd
from pyspark.ml import PipelineModel
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from sklearn import metrics as curves  # type: ignore[import-untyped]  # it ships no types

# Two runs on one machine agree in every bit; between processors `exp` and `log` may differ in the last ones.
DECIMALS = 9


@dataclass(frozen=True)
class Metrics:
    """AUC, average precision, and for spam F1, precision and recall; then test messages by label and prediction."""

    auc: float
    pr_auc: float
    f1: float
    precision: float
    recall: float
    accuracy: float
    ham_kept: int
    ham_taken_for_spam: int
    spam_missed: int
    spam_caught: int


@dataclass(frozen=True)
class Evaluation:
    """What a model says about each test message, and what that is worth.

    `scores` has `message_id`, `spam`, `probability` (of spam) and `prediction`. `test_digest` identifies the messages and
    their labels, `predictions_digest` the messages and their probabilities, in whatever order they come.
    """

    scores: pd.DataFrame
    metrics: Metrics
    test_digest: str
    predictions_digest: str


def evaluate(model: PipelineModel, test: DataFrame) -> Evaluation:
    """Applies the model to the test messages, once."""
    predicted = model.transform(test).select(
        "message_id", "spam", vector_to_array(F.col("probability"))[1].alias("probability"), "prediction"
    )
    return assess(predicted.toPandas())


def assess(scores: pd.DataFrame) -> Evaluation:
    """The worth of scores in any order; both labels must occur."""
    spam = scores["spam"].map("{:.0f}".format)
    tested = scores["message_id"] + " " + spam
    return Evaluation(
        scores,
        measure(scores),
        _digest(tested),
        _digest(tested + " " + scores["probability"].map(f"{{:.{DECIMALS}f}}".format)),
    )


def measure(scores: pd.DataFrame) -> Metrics:
    """The metrics of scores; a model that never says spam has precision and F1 zero."""
    spam, probability, prediction = scores["spam"], scores["probability"], scores["prediction"]
    counts = curves.confusion_matrix(spam, prediction, labels=[0.0, 1.0])
    return Metrics(
        auc=float(curves.roc_auc_score(spam, probability)),
        pr_auc=float(curves.average_precision_score(spam, probability)),
        f1=float(curves.f1_score(spam, prediction, zero_division=0)),
        precision=float(curves.precision_score(spam, prediction, zero_division=0)),
        recall=float(curves.recall_score(spam, prediction)),
        accuracy=float(curves.accuracy_score(spam, prediction)),
        ham_kept=int(counts[0, 0]),
        ham_taken_for_spam=int(counts[0, 1]),
        spam_missed=int(counts[1, 0]),
        spam_caught=int(counts[1, 1]),
    )


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()

"""The quality of the out-of-fold predictions: curves from the probability of spam, counts from the prediction.

Spark's own evaluator reads `rawPrediction` by default, which Naive Bayes fills with log-joints: its AUC means nothing.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from sklearn import metrics as curves  # type: ignore[import-untyped]  # it ships no types

from training import intervals
from training.intervals import Interval

# Two runs on one machine agree in every bit; between processors `exp` and `log` may differ in the last bits.
DECIMALS = 9
# Bins of equal width, for the calibration error.
BINS = 10
THRESHOLDS = (0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
# Lines that a digest takes at a time.
CHUNK = 1 << 16


@dataclass(frozen=True)
class Metrics:
    """AUC, average precision, and for spam F1, precision and recall; then test messages by label and prediction.

    `recall_no_ham` and `recall_one_ham` are the share of spam caught by a threshold that takes no ham, or one, for spam.
    `brier` and `calibration_error` say how far the probabilities are from what happens (0 is best; the latter over ten
    bins of equal width). `majority_accuracy` is what calling everything by the more frequent label would reach. Over repeated dealings, each is
    the mean.
    """

    auc: float
    pr_auc: float
    f1: float
    precision: float
    recall: float
    accuracy: float
    majority_accuracy: float
    recall_no_ham: float
    recall_one_ham: float
    brier: float
    calibration_error: float
    ham_kept: float
    ham_taken_for_spam: float
    spam_missed: float
    spam_caught: float


@dataclass(frozen=True)
class Evaluation:
    """The out-of-fold predictions for each message, and how good they are.

    `scores` is the output of `crossvalidation.predict`. `intervals` are 95 % bootstrap intervals over messages, by
    metric. `test_digest` identifies the messages and their labels, `predictions_digest` the messages and their
    probabilities, in any order.
    """

    scores: pd.DataFrame
    metrics: Metrics
    intervals: dict[str, Interval]
    test_digest: str
    predictions_digest: str


def assess(scores: pd.DataFrame) -> Evaluation:
    """Evaluate scores in any order; both labels must occur."""
    dealings = [one for _, one in scores.groupby("repeat")]
    each = [measure(one) for one in dealings]
    mean = Metrics(
        **{field.name: float(np.mean([getattr(one, field.name) for one in each])) for field in fields(Metrics)}
    )
    return Evaluation(
        scores,
        mean,
        intervals.bootstrap(dealings),
        _digest(_lines(dealings[0], with_probability=False)),
        _digest(line for one in dealings for line in _lines(one, with_probability=True)),
    )


def measure(scores: pd.DataFrame) -> Metrics:
    """The metrics of one dealing; a model that never says spam has precision and F1 zero."""
    spam, probability, prediction = (
        scores[name].to_numpy(dtype=float) for name in ("spam", "probability", "prediction")
    )
    counts = curves.confusion_matrix(spam, prediction, labels=[0.0, 1.0])
    return Metrics(
        auc=float(curves.roc_auc_score(spam, probability)),
        pr_auc=float(curves.average_precision_score(spam, probability)),
        f1=float(curves.f1_score(spam, prediction, zero_division=0)),
        precision=float(curves.precision_score(spam, prediction, zero_division=0)),
        recall=float(curves.recall_score(spam, prediction)),
        accuracy=float(curves.accuracy_score(spam, prediction)),
        majority_accuracy=float(max(spam.mean(), 1 - spam.mean())),
        recall_no_ham=recall_above(spam, probability, ham=0),
        recall_one_ham=recall_above(spam, probability, ham=1),
        brier=float(np.mean((probability - spam) ** 2)),
        calibration_error=calibration_error(spam, probability),
        ham_kept=float(counts[0, 0]),
        ham_taken_for_spam=float(counts[0, 1]),
        spam_missed=float(counts[1, 0]),
        spam_caught=float(counts[1, 1]),
    )


def recall_above(spam: np.ndarray, probability: np.ndarray, *, ham: int) -> float:
    """The share of spam that is more probable than all ham except the `ham` most probable messages."""
    others = np.sort(probability[spam == 0])
    limit = others[-1 - ham] if len(others) > ham else -np.inf
    return float(np.mean(probability[spam == 1] > limit))


def calibration_error(spam: np.ndarray, probability: np.ndarray) -> float:
    """The expected calibration error: how far the spam share is from the mean probability, over the bins' messages.

    Naeini, Cooper, Hauskrecht: Obtaining Well Calibrated Probabilities Using Bayesian Binning, AAAI 2015.
    """
    bins = np.minimum((probability * BINS).astype(int), BINS - 1)
    gaps = np.bincount(bins, weights=probability - spam, minlength=BINS)
    return float(np.abs(gaps).sum() / len(spam))


def thresholds(scores: pd.DataFrame) -> pd.DataFrame:
    """Precision, recall and both kinds of mistake for each of `THRESHOLDS`; what is more probable counts as spam."""
    first = scores[scores["repeat"] == 0]
    spam, probability = (first[name].to_numpy(dtype=float) for name in ("spam", "probability"))
    return pd.DataFrame([_at(spam, probability > threshold, threshold) for threshold in THRESHOLDS])


def _at(spam: np.ndarray, said: np.ndarray, threshold: float) -> dict[str, float]:
    caught, taken = int(said[spam == 1].sum()), int(said[spam == 0].sum())
    return {
        "threshold": threshold,
        "precision": caught / (caught + taken) if caught + taken else 0.0,
        "recall": caught / int(spam.sum()),
        "ham_taken_for_spam": taken,
        "spam_missed": int(spam.sum()) - caught,
    }


def worst(scores: pd.DataFrame, number: int) -> pd.DataFrame:
    """The most certain wrong predictions of the first dealing, the worst first: at most `number`."""
    first = scores[scores["repeat"] == 0]
    wrong = first[first["prediction"] != first["spam"]]
    distance = (wrong["probability"] - wrong["spam"]).abs().rename("distance")
    order = pd.concat([distance, wrong["message_id"]], axis=1).sort_values(
        ["distance", "message_id"], ascending=[False, True]
    )
    return wrong.loc[order.index[:number], ["message_id", "spam", "probability"]]


def _lines(scores: pd.DataFrame, *, with_probability: bool) -> Iterator[str]:
    ordered = scores.sort_values(["message_id", "spam"])
    for start in range(0, len(ordered), CHUNK):
        part = ordered.iloc[start : start + CHUNK]
        for identity, spam, probability in zip(part["message_id"], part["spam"], part["probability"], strict=True):
            said = f" {probability:.{DECIMALS}f}" if with_probability else ""
            yield f"{identity} {spam:.0f}{said}\n"


def _digest(lines: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode())
    return digest.hexdigest()

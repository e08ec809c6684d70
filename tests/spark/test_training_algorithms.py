"""What the algorithms reach out of fold on the export, that scikit-learn reaches the same, and that a training can be repeated."""

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pandas as pd
import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from scipy import sparse  # type: ignore[import-untyped]  # it ships no types
from sklearn.feature_extraction.text import CountVectorizer  # type: ignore[import-untyped]  # the same
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # the same
from sklearn.naive_bayes import ComplementNB, MultinomialNB  # type: ignore[import-untyped]  # the same
from sklearn.preprocessing import normalize  # type: ignore[import-untyped]  # the same
from sklearn.svm import SVC  # type: ignore[import-untyped]  # the same

from conf.settings import load
from tests.exported import messages
from training import algorithms, crossvalidation, evaluation, words
from training.algorithms import Algorithm
from training.split import Scheme, distinct_messages, fold
from training.vocabulary import LEAST_MESSAGES, Vocabulary

# Two folds are enough to compare with: each iteration is a job of Spark's.
SCHEMES = {algorithm: Scheme(2) for algorithm in Algorithm} | {Algorithm.NAIVE_BAYES: Scheme()}
# How far AUC and F1 may lie apart.
POINTS = 0.002

Learned = Callable[[sparse.csr_matrix], np.ndarray]
"""From features to the probability of spam."""


@pytest.fixture(scope="module")
def tokens(spark: SparkSession) -> Iterator[DataFrame]:
    split = tokenized(spark.createDataFrame(messages())).cache()
    yield split
    split.unpersist()


@pytest.fixture(scope="module")
def scores(tokens: DataFrame) -> Callable[[Algorithm], pd.DataFrame]:
    """What an algorithm says out of fold; each is tested once."""
    return cache(lambda algorithm: crossvalidation.predict(algorithm, tokens, SCHEMES[algorithm]))


def tokenized(exported: DataFrame) -> DataFrame:
    return PipelineModel(words.splitters(characters=False)).transform(distinct_messages(exported))


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_scikit_learn_reaches_the_same_on_the_same_tokens_and_folds(
    tokens: DataFrame, scores: Callable[[Algorithm], pd.DataFrame], algorithm: Algorithm
) -> None:
    dealt = fold(F.col("message_id"), SCHEMES[algorithm], 0).alias("fold")
    theirs = evaluation.measure(by_scikit_learn(algorithm, tokens.select("spam", "tokens", dealt).toPandas()))
    ours = evaluation.measure(scores(algorithm))
    assert (ours.auc, ours.f1) == pytest.approx((theirs.auc, theirs.f1), abs=POINTS)


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_every_algorithm_gives_a_probability_that_its_prediction_follows(
    scores: Callable[[Algorithm], pd.DataFrame], algorithm: Algorithm
) -> None:
    said = scores(algorithm)
    assert said["probability"].between(0, 1).all()
    assert ((said["probability"] > 0.5) == (said["prediction"] == 1.0)).all()


def test_on_the_real_export_naive_bayes_is_as_good_as_promised(
    scores: Callable[[Algorithm], pd.DataFrame],
) -> None:
    if load().source.sms_spam_csv is None:
        pytest.skip("SMS_SPAM_CSV is not set: the promise is about the real export")
    found = evaluation.measure(scores(Algorithm.NAIVE_BAYES))
    assert found.auc >= 0.996
    assert found.f1 >= 0.965


def test_the_order_and_the_partitions_of_rows_change_no_score(spark: SparkSession, tokens: DataFrame) -> None:
    """Of one that iterates over sums."""
    mixed = tokenized(spark.createDataFrame(messages().sample(frac=1, random_state=3)).repartition(7))
    one, other = (said(Algorithm.LOGISTIC_REGRESSION, split) for split in (tokens, mixed))
    assert one["prediction"].tolist() == other["prediction"].tolist()
    assert one["probability"].tolist() == pytest.approx(other["probability"].tolist(), abs=1e-9)


def said(algorithm: Algorithm, split: DataFrame) -> pd.DataFrame:
    """By a model of all messages, about each."""
    model = algorithms.fit(algorithm, split, Vocabulary(split).without())
    return crossvalidation.apply(model, split).toPandas().sort_values(["message_id", "spam"])


def by_scikit_learn(algorithm: Algorithm, dealt: pd.DataFrame) -> pd.DataFrame:
    """What models fitted there say about each fold, by the objective that Spark minimizes."""
    scores = dealt[["spam"]].assign(probability=0.0)
    for number in sorted(dealt["fold"].unique()):
        tested = dealt["fold"] == number
        counter = CountVectorizer(analyzer=list, min_df=LEAST_MESSAGES, binary=True)
        features, spam = counter.fit_transform(dealt["tokens"][~tested]), dealt["spam"][~tested].to_numpy()
        probability = learned(algorithm, features, spam)
        scores.loc[tested, "probability"] = probability(counter.transform(dealt["tokens"][tested]))
    return scores.assign(prediction=(scores["probability"] > 0.5).astype(float))


def learned(algorithm: Algorithm, features: sparse.csr_matrix, spam: np.ndarray) -> Learned:
    match algorithm:
        case Algorithm.NAIVE_BAYES:
            bayes = MultinomialNB(alpha=0.3).fit(features, spam)
            return lambda others: bayes.predict_proba(others)[:, 1]
        case Algorithm.COMPLEMENT_NAIVE_BAYES:
            complement = ComplementNB(alpha=0.1).fit(features, spam)
            return lambda others: complement.predict_proba(others)[:, 1]
        case Algorithm.LOGISTIC_REGRESSION:
            return weighed(features, lambda rows: regression(rows, spam))
        case Algorithm.LINEAR_SVC:
            return weighed(features, lambda rows: machine(rows, spam))


def weighed(features: sparse.csr_matrix, fit: Callable[[sparse.csr_matrix], Learned]) -> Learned:
    """TF-IDF of length 1, by Spark's formula for IDF."""
    rarity = sparse.diags(np.log((features.shape[0] + 1) / (np.asarray(features.sum(axis=0)).ravel() + 1)))
    model = fit(normalize(features @ rarity))
    return lambda others: model(normalize(others @ rarity))


def regression(rows: sparse.csr_matrix, spam: np.ndarray) -> Learned:
    """Spark divides the loss by the sum of the weights: twice the number of ham when both kinds weigh the same."""
    weights = {0.0: 1.0, 1.0: (1 - spam).sum() / spam.sum()}
    model = LogisticRegression(C=1 / (1e-6 * 2 * (1 - spam).sum()), class_weight=weights, max_iter=1000)
    model.fit(rows, spam)
    return lambda others: model.predict_proba(others)[:, 1]


def machine(rows: sparse.csr_matrix, spam: np.ndarray) -> Learned:
    """With the hinge loss and a free intercept, as `LinearSVC` has them; the curve is over margins of standard deviation 1."""
    model = SVC(kernel="linear", C=1 / (1e-3 * len(spam))).fit(rows, spam)
    margins = model.decision_function(rows)
    scale = margins.std(ddof=1)
    curve = LogisticRegression(C=1 / (1e-4 * len(spam))).fit(margins[:, None] / scale, spam)
    return lambda others: curve.predict_proba(model.decision_function(others)[:, None] / scale)[:, 1]

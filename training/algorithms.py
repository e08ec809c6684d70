"""The algorithms that can be chosen, each as the stages behind the tokens."""

from enum import StrEnum
from typing import Any

from pyspark.ml import Estimator, Pipeline, PipelineModel, Transformer
from pyspark.ml.classification import LinearSVC, LogisticRegression, NaiveBayes
from pyspark.ml.feature import IDF, Normalizer
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from training import words

Stage = Estimator[Any] | Transformer


class Algorithm(StrEnum):
    """The default is the reference's; the settings were chosen by cross-validation (`docs/learning.md`)."""

    NAIVE_BAYES = "naive-bayes"
    COMPLEMENT_NAIVE_BAYES = "complement-naive-bayes"
    LOGISTIC_REGRESSION = "logistic-regression"
    LINEAR_SVC = "linear-svc"


def fit(algorithm: Algorithm, split: DataFrame, vocabulary: list[str]) -> PipelineModel:
    """Learns from `tokens` and `spam` (1.0 or 0.0). The model needs `text` only and adds `probability` and `prediction`.

    `probability[1]` is that of spam; `prediction` is 1.0 for spam and 0.0 for ham.
    """
    learned = _balanced(split) if algorithm is Algorithm.LOGISTIC_REGRESSION else split
    return Pipeline(stages=[words.looking_for(vocabulary), *classifier(algorithm)]).fit(learned)


def parameters(algorithm: Algorithm) -> dict[str, str]:
    """Parameters set on the classifier's stages, Spark's defaults left out, as `Stage.parameter`."""
    return {
        f"{type(stage).__name__}.{param.name}": str(stage.getOrDefault(param))
        for stage in classifier(algorithm)
        for param in stage.params
        if stage.isSet(param) and not param.name.endswith("Col")
    }


def classifier(algorithm: Algorithm) -> list[Stage]:
    """The stages that learn `probability` and `prediction` from `features` and `spam`."""
    match algorithm:
        case Algorithm.NAIVE_BAYES:
            return [NaiveBayes(labelCol="spam", smoothing=0.3)]
        case Algorithm.COMPLEMENT_NAIVE_BAYES:
            # Rennie, Shih, Teevan, Karger: Tackling the Poor Assumptions of Naive Bayes Text Classifiers, ICML 2003.
            return [NaiveBayes(labelCol="spam", smoothing=0.1, modelType="complement")]
        case Algorithm.LOGISTIC_REGRESSION:
            return [*_weighing(), _balanced_regression()]
        case Algorithm.LINEAR_SVC:
            return [*_weighing(), *_calibrated_svc()]


def _balanced_regression() -> LogisticRegression:
    """Spam weighs as much as ham: where it is rare, a probability of 0.5 would otherwise miss more of it."""
    return LogisticRegression(
        labelCol="spam",
        featuresCol="weighed",
        weightCol="weight",
        regParam=1e-6,
        maxIter=100,
        standardization=False,
    )


def _balanced(split: DataFrame) -> DataFrame:
    """Adds `weight`: 1.0 for ham, the ratio of ham to spam for spam; 1.0 for all where one of the two is missing."""
    [[messages, spam]] = split.agg(F.count("*"), F.sum("spam")).collect()
    ratio = (messages - spam) / spam if spam and spam < messages else 1.0
    return split.withColumn("weight", F.when(F.col("spam") == 1.0, ratio).otherwise(1.0))


def _weighing() -> list[Stage]:
    """Rare tokens say more, and a long text no more than a short one: `features` become `weighed` (TF-IDF of length 1)."""
    return [IDF(inputCol="features", outputCol="rarity"), Normalizer(inputCol="rarity", outputCol="weighed")]


def _calibrated_svc() -> list[Stage]:
    """A linear SVM has no probability: a logistic curve over its margin gives one (Platt 1999) and keeps the order."""
    margin = LinearSVC(
        labelCol="spam",
        featuresCol="weighed",
        regParam=1e-3,
        maxIter=100,
        standardization=False,
        rawPredictionCol="margin",
        predictionCol="side",
    )
    return [margin, LogisticRegression(labelCol="spam", featuresCol="margin", regParam=1e-4, rawPredictionCol="curve")]

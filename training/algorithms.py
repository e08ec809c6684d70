"""The algorithms that can be chosen, each as the stages behind the word counts."""

from enum import StrEnum

from pyspark.ml import Estimator, Model, Pipeline, PipelineModel
from pyspark.ml.classification import LinearSVC, LogisticRegression, NaiveBayes
from pyspark.sql import DataFrame

from training import words


class Algorithm(StrEnum):
    """The default is the reference's; the settings of the others were chosen by cross-validation on the fitting side."""

    NAIVE_BAYES = "naive-bayes"
    COMPLEMENT_NAIVE_BAYES = "complement-naive-bayes"
    LOGISTIC_REGRESSION = "logistic-regression"
    LINEAR_SVC = "linear-svc"


def fit(algorithm: Algorithm, messages: DataFrame) -> PipelineModel:
    """Learns from `text` and `spam` (1.0 or 0.0). The model needs `text` only and adds `probability` and `prediction`.

    `probability[1]` is that of spam; `prediction` is 1.0 for spam and 0.0 for ham. Raises `DataError`.
    """
    splitters = words.splitters()
    counter = words.counter(PipelineModel(splitters).transform(messages))
    return Pipeline(stages=[*splitters, counter, *classifier(algorithm)]).fit(messages)


def parameters(algorithm: Algorithm) -> dict[str, str]:
    """What the classifier's stages were told apart from Spark's defaults, as `Stage.parameter`."""
    return {
        f"{type(stage).__name__}.{param.name}": str(stage.getOrDefault(param))
        for stage in classifier(algorithm)
        for param in stage.params
        if stage.isSet(param) and not param.name.endswith("Col")
    }


def classifier(algorithm: Algorithm) -> list[Estimator[Model]]:
    """The stages that learn `probability` and `prediction` from `features` and `spam`."""
    match algorithm:
        case Algorithm.NAIVE_BAYES:
            return [NaiveBayes(labelCol="spam", smoothing=1.0)]
        case Algorithm.COMPLEMENT_NAIVE_BAYES:
            # Rennie, Shih, Teevan, Karger: Tackling the Poor Assumptions of Naive Bayes Text Classifiers, ICML 2003.
            return [NaiveBayes(labelCol="spam", smoothing=1.0, modelType="complement")]
        case Algorithm.LOGISTIC_REGRESSION:
            return [LogisticRegression(labelCol="spam", regParam=1e-4, maxIter=50, standardization=False)]
        case Algorithm.LINEAR_SVC:
            return _calibrated_svc()


def _calibrated_svc() -> list[Estimator[Model]]:
    """A linear SVM has no probability: a logistic curve over its margin gives one (Platt 1999) and keeps the order."""
    margin = LinearSVC(
        labelCol="spam",
        regParam=1e-3,
        maxIter=25,
        standardization=False,
        rawPredictionCol="margin",
        predictionCol="side",
    )
    return [margin, LogisticRegression(labelCol="spam", featuresCol="margin", regParam=1e-4, rawPredictionCol="curve")]

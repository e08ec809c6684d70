"""The tokens that a model goes by: what each adds to the evidence that a message is spam."""

import numpy as np
import pandas as pd
from pyspark.ml import PipelineModel
from pyspark.ml.classification import LinearSVCModel, LogisticRegressionModel, NaiveBayesModel
from pyspark.ml.feature import CountVectorizerModel

from training import signs
from training.errors import DataError

SPAM, HAM = 1, 0


def tokens(model: PipelineModel) -> pd.DataFrame:
    """`token` and `weight` for its whole vocabulary, from the surest sign of spam to the surest sign of ham.

    For Naive Bayes the weight is the logarithm of how many times likelier the token is in spam; for linear models, its coefficient.
    Raises `DataError` for a model of another kind.
    """
    vocabulary = next(stage for stage in model.stages if isinstance(stage, CountVectorizerModel)).vocabulary
    found = pd.DataFrame({"token": vocabulary, "weight": _weights(model, len(vocabulary))})
    return found.sort_values(["weight", "token"], ascending=[False, True], ignore_index=True)


def ends(found: pd.DataFrame, most: int) -> pd.DataFrame:
    """The first `most` and the last `most` of them."""
    return found if len(found) <= 2 * most else pd.concat([found.head(most), found.tail(most)], ignore_index=True)


def in_words(token: str) -> str:
    """The token as a person says it: `<#length3>` is a text of 60 to 79 characters."""
    name = token.removeprefix(signs.START).rstrip("0123456789>")
    if not token.startswith(signs.START) or name not in signs.SIGNS:
        return token
    sign, step = signs.SIGNS[name], int(token.removeprefix(signs.START + name).removesuffix(">"))
    low, high = step * sign.step, (step + 1) * sign.step
    amount = f"{low} or more" if step == sign.most else str(low) if sign.step == 1 else f"{low} to {high - 1}"
    return f"{name}: {amount}"


def _weights(model: PipelineModel, size: int) -> np.ndarray:
    for stage in model.stages:
        if isinstance(stage, NaiveBayesModel):
            theta = stage.theta.toArray()
            return np.asarray(theta[SPAM] - theta[HAM], dtype=float)
        if isinstance(stage, LinearSVCModel | LogisticRegressionModel) and stage.numFeatures == size:
            return np.asarray(stage.coefficients.toArray(), dtype=float)
    raise DataError(f"The last stage of the model, {type(model.stages[-1]).__name__}, has no weight for each token.")

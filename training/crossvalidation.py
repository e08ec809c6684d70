"""Out-of-fold predictions: each fold is tested by a model that was fitted on all other folds."""

from collections.abc import Iterator

import pandas as pd
import pyarrow as pa
from pyspark.ml import PipelineModel
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from training import algorithms
from training.algorithms import Algorithm
from training.split import Scheme, fold
from training.vocabulary import Vocabulary

# One column of texts, not a Python object for each.
TYPES = {pa.string(): pd.ArrowDtype(pa.string())}


def predict(algorithm: Algorithm, split: DataFrame, scheme: Scheme) -> pd.DataFrame:
    """The out-of-fold scores of each message in each dealing.

    Turns `message_id`, `spam` and `tokens` into `repeat`, `fold`, `message_id`, `spam`, `probability` (of spam) and
    `prediction`, ordered by the first three and label. Raises `DataError`.
    """
    tables = [table for repeat in range(scheme.repeats) for table in _dealt(algorithm, split, scheme, repeat)]
    scores: pd.DataFrame = pa.concat_tables(tables).to_pandas(types_mapper=TYPES.get)
    return scores.sort_values(["repeat", "fold", "message_id", "spam"], ignore_index=True)


def apply(model: PipelineModel, messages: DataFrame) -> DataFrame:
    """Adds `probability` (of spam) and `prediction` to the messages' other columns."""
    kept = [column for column in messages.columns if column not in {"probability", "prediction"}]
    probability = vector_to_array(F.col("probability"))[1].alias("probability")
    return model.transform(messages).select(*kept, probability, "prediction")


def _dealt(algorithm: Algorithm, split: DataFrame, scheme: Scheme, repeat: int) -> Iterator[pa.Table]:
    dealt = split.withColumn("fold", fold(F.col("message_id"), scheme, repeat)).withColumn("repeat", F.lit(repeat))
    vocabulary = Vocabulary(dealt, scheme.folds)
    for number in range(scheme.folds):
        model = algorithms.fit(algorithm, dealt.where(F.col("fold") != number), vocabulary.without(number))
        tested = dealt.where(F.col("fold") == number).select("repeat", "fold", "message_id", "spam", "tokens")
        yield apply(model, tested).drop("tokens").toArrow()

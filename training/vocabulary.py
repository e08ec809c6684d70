"""The tokens that a model knows: those in at least two of the messages that it is fitted on."""

import numpy as np
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from training import signs
from training.errors import DataError

# A token that occurs in one message only is no evidence about others.
LEAST_MESSAGES = 2
LARGEST = 1 << 18


class Vocabulary:
    """The number of messages in which each token occurs, in all folds and in each.

    So one look at the messages gives the vocabulary of every side that is fitted on: at most the `LARGEST` commonest tokens,
    the commonest first, then by name, whatever the order of the messages.
    """

    def __init__(self, split: DataFrame, folds: int = 0) -> None:
        """Counts `tokens` in this many folds; with 0, no `fold` is needed."""
        of_fold = [F.count_if(F.col("fold") == number).alias(str(number)) for number in range(folds)]
        counted = (
            split.select(*(["fold"] if folds else []), F.explode(F.array_distinct("tokens")).alias("token"))
            .groupBy("token")
            .agg(F.count("*").alias("messages"), *of_fold)
            .where(F.col("messages") >= LEAST_MESSAGES)
            .orderBy(F.desc("messages"), "token")
            .limit(LARGEST)
        )
        self._counts = counted.toPandas()

    def without(self, fold: int | None = None) -> list[str]:
        """The tokens in at least two messages outside this fold; without a fold, in at least two of all messages.

        Raises `DataError` when there is no word among them.
        """
        counts = self._counts
        elsewhere = counts["messages"] - (0 if fold is None else counts[str(fold)])
        tokens = counts["token"][np.asarray(elsewhere >= LEAST_MESSAGES)].tolist()
        if all(token.startswith(signs.START) for token in tokens):
            raise DataError(
                "No word occurs in two of the messages to fit on. Land more pages, or name a later version."
            )
        return list(tokens)

"""What MLflow keeps of registered models, as far as a comparison with a new one needs it."""

from collections.abc import Callable
from functools import cache

import mlflow
import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from training import crossvalidation, kept_model
from training.contest import Contender
from training.origin import UNKNOWN

SCORES = "scores.parquet"


class Rivals:
    """The registered versions of one model, and the present training's messages, which are read only when a version must be asked."""

    def __init__(self, name: str, messages: Callable[[], DataFrame]) -> None:
        self._name, self._messages = name, cache(messages)
        self.contender = cache(self._contender)

    def ask(self, rival: Contender, ids: pd.Series) -> pd.DataFrame:
        """The predictions of the rival's model for those of the `ids` that the present training has."""
        messages = self._messages()
        model = kept_model.load(mlflow.MlflowClient().get_model_version(self._name, str(rival.version)))
        asked = messages.sparkSession.createDataFrame(pd.DataFrame({"message_id": ids.astype(object)}))
        unseen = messages.select("message_id", "text").join(F.broadcast(asked), "message_id", "left_semi")
        return crossvalidation.apply(model, unseen).drop("text").toPandas()

    def _contender(self, number: int) -> Contender:
        version = mlflow.MlflowClient().get_model_version(self._name, str(number))
        run = version.run_id
        scores = _scores(run) if run and kept_model.is_whole(version) else None
        return Contender(number, version.tags.get("origin", UNKNOWN), scores)


def _scores(run: str) -> pd.DataFrame | None:
    """The out-of-fold scores of the first dealing; None when they are gone."""
    scores = kept_model.artifact(run, SCORES, pd.read_parquet)
    return None if scores is None else scores[scores["repeat"] == 0].reset_index(drop=True)

"""What MLflow keeps of registered models, as far as a new one must be compared with them."""

from functools import cache

import mlflow
import mlflow.spark
import pandas as pd
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from training import crossvalidation
from training.contest import Contender
from training.origin import UNKNOWN

SCORES = "scores.parquet"
# What a model in Spark's own format cannot do without.
MODEL = {"MLmodel", "sparkml"}


class Rivals:
    """The registered versions of one model, beside the messages of the present training."""

    def __init__(self, name: str, messages: DataFrame) -> None:
        self._name, self._messages = name, messages
        self.contender = cache(self._contender)

    def ask(self, rival: Contender, ids: pd.Series) -> pd.DataFrame:
        """What the rival's model says about those of these messages that the present training has."""
        model = mlflow.spark.load_model(f"models:/{self._name}/{rival.version}")
        asked = self._messages.sparkSession.createDataFrame(pd.DataFrame({"message_id": ids.astype(object)}))
        unseen = self._messages.select("message_id", "text").join(F.broadcast(asked), "message_id", "left_semi")
        return crossvalidation.apply(model, unseen).drop("text").toPandas()

    def _contender(self, number: int) -> Contender:
        client = mlflow.MlflowClient()
        version = client.get_model_version(self._name, str(number))
        run = version.run_id
        scores = _scores(client, run) if run and _is_whole(client, _model_of(version), run) else None
        return Contender(number, version.tags.get("origin", UNKNOWN), scores)


def _model_of(version: ModelVersion) -> str | None:
    """The logged model, from `models:/m-…`: the version's own `model_id` is empty when MLflow's store gives it (3.17)."""
    return version.source.rpartition("/")[2] if version.source else None


def _is_whole(client: mlflow.MlflowClient, model: str | None, run: str) -> bool:
    """Whether model and scores are there. Listed, not loaded: a service that fails is an error, and nothing is gone for it."""
    try:
        parts = {file.path for file in client.list_logged_model_artifacts(model)} if model else set()
        kept = {file.path for file in client.list_artifacts(run)}
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return False
        raise
    return parts >= MODEL and SCORES in kept


def _scores(client: mlflow.MlflowClient, run: str) -> pd.DataFrame:
    """What the models of the folds said, in the first dealing."""
    scores = pd.read_parquet(client.download_artifacts(run, SCORES))
    return scores[scores["repeat"] == 0].reset_index(drop=True)

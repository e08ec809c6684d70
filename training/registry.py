"""The registered model: a version for each training, and the alias `champion` on the best of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import mlflow
import mlflow.spark
from mlflow.entities import LoggedModel, RunData
from mlflow.entities.model_registry import ModelVersion
from pyspark.sql import DataFrame

from training.evaluation import Evaluation, evaluate

ALIAS = "champion"


@dataclass(frozen=True)
class Decision:
    """Whether the alias moved to the new model, and why."""

    champion: bool
    reason: str


def register(name: str, model: LoggedModel, tags: Mapping[str, str]) -> ModelVersion:
    """A new version of the registered model `name`, which is made if it is the first."""
    return mlflow.register_model(model.model_uri, name, tags=dict(tags))


def promote(version: ModelVersion, tested: Evaluation, origin: str | None, test: DataFrame) -> Decision:
    """Moves the alias to `version` if there is no champion, or if it is better: by F1, then by AUC.

    Both are measured on the same test messages: the champion's logged metrics count when its test messages were the
    same; otherwise it is loaded and applied to `test`. A handful of messages proves nothing, so a model tested on fewer
    than a champion of the same origin was, as after training on an earlier version, never replaces it.
    """
    client = mlflow.MlflowClient()
    holder = client.get_registered_model(version.name).aliases.get(ALIAS)
    if holder is None:
        decision = Decision(champion=True, reason="the first model")
    else:
        decision = _compare(client.get_model_version(version.name, holder), tested, origin, test)
    if decision.champion:
        client.set_registered_model_alias(version.name, ALIAS, version.version)
    return decision


def _compare(holder: ModelVersion, tested: Evaluation, origin: str | None, test: DataFrame) -> Decision:
    known = mlflow.MlflowClient().get_run(holder.run_id).data if holder.run_id else RunData()
    ours, theirs = len(tested.scores), int(known.params.get("test_messages", 0))
    if origin == known.tags.get("origin") and ours < theirs:
        return Decision(champion=False, reason=f"tested on {ours} messages, version {holder.version} on {theirs}")
    new = (tested.metrics.f1, tested.metrics.auc)
    if known.tags.get("test_digest") == tested.test_digest:
        old = (known.metrics["f1"], known.metrics["auc"])
    else:
        rival = mlflow.spark.load_model(f"models:/{holder.name}/{holder.version}")
        metrics = evaluate(rival, test).metrics
        old = (metrics.f1, metrics.auc)
    return Decision(champion=new > old, reason=f"{_told(new)} against {_told(old)} of version {holder.version}")


def _told(rank: tuple[float, float]) -> str:
    return f"F1 {rank[0]:.4f}, AUC {rank[1]:.4f}"

"""Table versions beside each other: how a model gets better with the table, and what changes from one version to another."""

from collections.abc import Mapping
from dataclasses import asdict

import pandas as pd

from training.evaluation import Evaluation


def learning_curve(tested: Mapping[int, Evaluation]) -> pd.DataFrame:
    """By version: distinct `messages`, and AUC and F1 with the ends of their intervals of 95 %."""
    return pd.DataFrame([_point(version, tested[version]) for version in sorted(tested)])


def metrics(earlier: Evaluation, later: Evaluation) -> pd.DataFrame:
    """Each metric on both versions, and the gain. Each version is measured on its own messages, so not all of the gain is learning."""
    found = pd.DataFrame({"earlier": asdict(earlier.metrics), "later": asdict(later.metrics)})
    return found.assign(gain=found["later"] - found["earlier"])


def shared(earlier: Evaluation, later: Evaluation) -> pd.DataFrame:
    """The messages of both versions: `probability_earlier` and `_later`, `prediction_earlier` and `_later`, of the first dealing.

    A message stays in its fold, so neither model has seen it.
    """
    key, said = ["message_id", "spam"], ["probability", "prediction"]
    both = (one.scores[one.scores["repeat"] == 0][[*key, *said]] for one in (earlier, later))
    first, second = both
    return first.merge(second, on=key, suffixes=("_earlier", "_later"))


def judged_otherwise(found: pd.DataFrame) -> pd.DataFrame:
    """How many of the shared messages each model judges rightly or wrongly: `earlier`, `later`, `messages`."""
    right = {
        name: (found[f"prediction_{name}"] == found["spam"]).map({True: "right", False: "wrong"})
        for name in ("earlier", "later")
    }
    return pd.DataFrame(right).value_counts().rename("messages").reset_index().sort_values(["earlier", "later"])


def _point(version: int, tested: Evaluation) -> dict[str, float]:
    ends = {
        f"{name}_{end}": at
        for name, interval in tested.intervals.items()
        for end, at in zip(("low", "high"), interval, strict=True)
    }
    first = tested.scores[tested.scores["repeat"] == 0]
    return {"version": version, "messages": len(first), "auc": tested.metrics.auc, "f1": tested.metrics.f1, **ends}

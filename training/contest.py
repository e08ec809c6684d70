"""Decides which of two models is better: fold by fold, on the same messages, which neither was fitted on."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from training.evaluation import measure


@dataclass(frozen=True)
class Contender:
    """A registered model, and its out-of-fold scores for the messages of its table version (the first dealing).

    `scores` is None when its run, model or scores are gone: it is of no use, or nothing speaks for it.
    """

    version: int
    origin: str
    scores: pd.DataFrame | None


@dataclass(frozen=True)
class Decision:
    """Whether the alias is at the new model, and why."""

    champion: bool
    reason: str


# A contender's predictions for messages that its model has not seen: `message_id`, `probability`, `prediction`.
Asked = Callable[[Contender, "pd.Series[str]"], pd.DataFrame]


def better(new: Contender, old: Contender, ask: Asked) -> Decision:
    """Whether `new` replaces `old`: its mean F1 over the folds must be better, or its AUC where F1 is equal.

    The messages and their folds are those of `new`. The out-of-fold predictions of `old` count. It has not seen messages
    that its version lacks, so its model is asked about them. A handful of messages proves nothing, so a model never
    replaces one of the same origin that was tested on more. An old model whose artifacts are gone is replaced.
    """
    if new.scores is None:
        return Decision(champion=False, reason=f"the artifacts of version {new.version} are gone")
    if old.scores is None:
        return Decision(champion=True, reason=f"the artifacts of version {old.version} are gone")
    ours, theirs = len(new.scores), len(old.scores)
    if new.origin == old.origin and ours < theirs:
        return Decision(champion=False, reason=f"tested on {ours} messages, version {old.version} on {theirs}")
    return _compared(new.scores, _about(new.scores, old, old.scores, ask), old.version)


def _about(scores: pd.DataFrame, old: Contender, known: pd.DataFrame, ask: Asked) -> pd.DataFrame:
    """The same messages, as `old` judges them."""
    said = known.drop_duplicates("message_id")[["message_id", "probability", "prediction"]]
    unseen = scores.loc[~scores["message_id"].isin(said["message_id"]), "message_id"].drop_duplicates()
    if len(unseen):
        said = pd.concat([said, ask(old, unseen).drop_duplicates("message_id")])
    return scores[["message_id", "spam", "fold"]].merge(said, on="message_id", how="inner", validate="many_to_one")


def _compared(new: pd.DataFrame, old: pd.DataFrame, version: int) -> Decision:
    ours, theirs = _by_fold(new), _by_fold(old)
    gains = np.round(ours - theirs, 12)
    gain = tuple(float(value) for value in np.nan_to_num(np.nanmean(gains, axis=0)))
    won, lost = int((gains[:, 0] > 0).sum()), int((gains[:, 0] < 0).sum())
    return Decision(
        champion=gain > (0.0, 0.0),
        reason=f"F1 {gain[0]:+.4f}, AUC {gain[1]:+.4f} in the mean of {len(gains)} folds ({won} better, {lost} worse in F1) "
        f"against version {version}",
    )


def _by_fold(scores: pd.DataFrame) -> np.ndarray:
    """F1 and AUC of each fold that has both labels, which most have; of all messages when none has."""
    folds = [one for _, one in scores.groupby("fold") if 0 < one["spam"].mean() < 1] or [scores]
    return np.array([(found.f1, found.auc) for found in map(measure, folds)])

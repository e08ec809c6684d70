"""95 % bootstrap intervals: how far metrics would move with other messages of the same kind.

Messages are resampled, spam and ham together, and the metric is computed again (Efron and Tibshirani: An Introduction to the
Bootstrap, 1993, percentile method). With repeated dealings, each draw takes the same messages in all of them and averages the metric: a
message in three dealings is still one message. The models are not refitted, so the interval leaves out what fitting on other
messages would change.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

Interval = tuple[float, float]

DRAWS = 400
PERCENT = (2.5, 97.5)
SEED = 1


def bootstrap(dealings: Sequence[pd.DataFrame]) -> dict[str, Interval]:
    """The intervals of `auc` and `f1` over dealings of the same messages; the same for the same scores."""
    ordered = [one.sort_values(["message_id", "spam"]) for one in dealings]
    ranked = [_Ranked(one) for one in ordered]
    generator = np.random.default_rng(SEED)
    drawn = []
    for _ in range(DRAWS):
        times = np.bincount(
            generator.integers(len(ordered[0]), size=len(ordered[0])), minlength=len(ordered[0])
        ).astype(float)
        drawn.append(np.mean([one.metrics(times) for one in ranked], axis=0))
    low, high = np.nanpercentile(drawn, PERCENT, axis=0)
    return {name: (float(low[at]), float(high[at])) for at, name in enumerate(("auc", "f1"))}


class _Ranked:
    """Scores sorted once, so that a draw costs no sorting."""

    def __init__(self, scores: pd.DataFrame) -> None:
        probability = scores["probability"].to_numpy(dtype=float)
        self._spam = scores["spam"].to_numpy(dtype=float)
        self._said = scores["prediction"].to_numpy(dtype=float)
        self._order = np.argsort(probability, kind="stable")
        self._ties = np.flatnonzero(np.diff(probability[self._order], prepend=-1.0))

    def metrics(self, times: np.ndarray) -> tuple[float, float]:
        """AUC and F1 when each message occurs this many times; AUC is NaN where a label is missing."""
        caught = float((times * self._spam * self._said).sum())
        wrong = float((times * (self._spam != self._said)).sum())
        return self._auc(times), 2 * caught / (2 * caught + wrong) if caught + wrong else 0.0

    def _auc(self, times: np.ndarray) -> float:
        """The share of pairs of spam and ham in which spam is the more probable; a tie is half a pair."""
        ordered, spam = times[self._order], self._spam[self._order]
        spam_at = np.add.reduceat(ordered * spam, self._ties)
        ham_at = np.add.reduceat(ordered * (1 - spam), self._ties)
        pairs = spam_at.sum() * ham_at.sum()
        below = np.cumsum(ham_at) - ham_at
        return float((spam_at * (below + ham_at / 2)).sum() / pairs) if pairs else float("nan")

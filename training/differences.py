"""Differences between a repetition and its original, each by name; an empty list says that there are none."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame

from training import own_predictions
from training.algorithms import Algorithm

# These count and take logarithms, so a repetition agrees in every bit. All others iterate over sums.
COUNTING = {Algorithm.NAIVE_BAYES, Algorithm.COMPLEMENT_NAIVE_BAYES}
TOLERANCE = 1e-9

KEY = ["repeat", "fold", *own_predictions.KEY]
MISSING = "missing"
# What stages learn: vectors and matrices, except for the vocabulary and some intercepts.
LEARNED = ("idf", "pi", "theta", "coefficientMatrix", "coefficients", "interceptVector", "intercept")


class Difference(NamedTuple):
    """Something that is not as it was."""

    what: str
    then: str
    now: str


def tolerance(algorithm: Algorithm) -> float:
    """How far a score may be from the original one."""
    return 0.0 if algorithm in COUNTING else TOLERANCE


def values(then: Mapping[str, str], now: Mapping[str, str], kind: str) -> list[Difference]:
    """Each name whose value differs, or that only one of the two has."""
    names = sorted({*then, *now})
    pairs = ((name, then.get(name, MISSING), now.get(name, MISSING)) for name in names)
    return [Difference(f"{kind} {name}".strip(), old, new) for name, old, new in pairs if old != new]


def figures(then: Mapping[str, float], now: Mapping[str, float], within: float) -> list[Difference]:
    """Each metric of the repetition that the original lacks, or has with another value."""
    return [
        Difference(f"metric {name}", str(then.get(name, MISSING)), str(value))
        for name, value in now.items()
        if not (name in then and _close(then[name], value, within))
    ]


def scores(then: pd.DataFrame | None, now: pd.DataFrame, within: float) -> list[Difference]:
    """Out of fold, the same messages must be in the same folds, with the same predictions and probabilities at most `within` apart."""
    if then is None:
        return [Difference("predictions", MISSING, f"{len(now)} out of fold")]
    both = then.merge(now, on=KEY, how="outer", suffixes=("_then", "_now"), indicator=True)
    met = both[both["_merge"] == "both"]
    found = [
        Difference("messages out of fold", f"{len(then)}", f"{len(now)}, {len(met)} of them the same")
        for _ in range(len(met) != len(both))
    ]
    return found + list(_said(met, "predictions out of fold", within))


def models(then: PipelineModel | None, now: PipelineModel, messages: DataFrame, within: float) -> list[Difference]:
    """Both models must have learned the same, and say the same about every message."""
    if then is None:
        return [Difference("model", MISSING, "fitted")]
    said = [own_predictions.of(one, messages) for one in (then, now)]
    met = said[0].merge(said[1], on=own_predictions.KEY, suffixes=("_then", "_now"))
    return [*_learned(then, now, within), *_said(met, "predictions of the model", within)]


def _said(met: pd.DataFrame, what: str, within: float) -> Iterator[Difference]:
    """Compares `probability` and `prediction`, each `_then` and `_now`."""
    apart = (met["probability_then"] - met["probability_now"]).abs()
    differ = (met["prediction_then"] != met["prediction_now"]) | ~(apart <= within)
    if differ.any():
        yield Difference(what, f"{len(met)}", f"{int(differ.sum())} differ, a probability by up to {apart.max():.3g}")


def _learned(then: PipelineModel, now: PipelineModel, within: float) -> Iterator[Difference]:
    kinds = [[type(stage).__name__ for stage in model.stages] for model in (then, now)]
    if kinds[0] != kinds[1]:
        yield Difference("stages of the model", ", ".join(kinds[0]), ", ".join(kinds[1]))
        return
    for kind, old, new in zip(kinds[0], then.stages, now.stages, strict=True):
        yield from values(_settings(old), _settings(new), kind)
        words = [list(getattr(stage, "vocabulary", ())) for stage in (old, new)]
        if words[0] != words[1]:
            shared = len(set(words[0]) & set(words[1]))
            yield Difference(
                "vocabulary", f"{len(words[0])} tokens", f"{len(words[1])} tokens, {shared} of them the same"
            )
        yield from (
            Difference(f"{kind} {name}", "learned", "other numbers")
            for name in LEARNED
            if hasattr(old, name) and not _close(_numbers(old, name), _numbers(new, name), within)
        )


def _settings(stage: Any) -> dict[str, str]:
    """A stage's settings, without names of columns: these hold the ids of new stages."""
    return {
        one.name: str(stage.getOrDefault(one)) for one in stage.params if stage.isSet(one) and "Col" not in one.name
    }


def _numbers(stage: Any, name: str) -> Any:
    learned = getattr(stage, name)
    return learned.toArray() if hasattr(learned, "toArray") else learned


def _close(then: Any, now: Any, within: float) -> bool:
    """Equal, or at most `within` apart; in proportion above 1. NaN equals NaN."""
    return np.shape(then) == np.shape(now) and bool(np.allclose(then, now, rtol=within, atol=within, equal_nan=True))

"""Who is the better of two models, on made-up scores."""

import pandas as pd
import pytest

from training.contest import Contender, better

# Two folds, each with spam and ham.
MESSAGES = pd.DataFrame(
    {"message_id": list("abcdefgh"), "spam": [1.0, 1.0, 0.0, 0.0] * 2, "fold": [0, 0, 0, 0, 1, 1, 1, 1]}
)
RIGHT = [0.9, 0.8, 0.1, 0.2] * 2
ONE_WRONG = [0.9, 0.4, 0.1, 0.2, 0.9, 0.8, 0.1, 0.2]
NEARLY = [0.9, 0.8, 0.1, 0.2, 0.9, 0.8, 0.1, 0.6]


def contender(version: int, probability: list[float], origin: str = "real") -> Contender:
    scores = MESSAGES.iloc[: len(probability)].assign(probability=probability)
    return Contender(version, origin, scores.assign(prediction=(scores["probability"] > 0.5).astype(float)))


def not_asked(rival: Contender, ids: "pd.Series[str]") -> pd.DataFrame:
    raise AssertionError(f"version {rival.version} was asked about {list(ids)}")


@pytest.mark.parametrize(
    ("new", "old", "wins"),
    [(RIGHT, ONE_WRONG, True), (ONE_WRONG, RIGHT, False), (RIGHT, RIGHT, False), (NEARLY, ONE_WRONG, True)],
)
def test_the_better_f1_in_the_mean_of_the_folds_wins_and_equals_stay(
    new: list[float], old: list[float], wins: bool
) -> None:
    assert better(contender(2, new), contender(1, old), not_asked).champion is wins


def test_where_f1_is_equal_the_auc_decides() -> None:
    swapped = [0.9, 0.4, 0.1, 0.45, 0.9, 0.8, 0.1, 0.2]
    found = better(contender(2, ONE_WRONG), contender(1, swapped), not_asked)
    assert (found.champion, found.reason) == (
        True,
        "F1 +0.0000, AUC +0.1250 in the mean of 2 folds (0 better, 0 worse in F1) against version 1",
    )


def test_fewer_messages_of_the_same_origin_prove_nothing() -> None:
    few = contender(2, RIGHT[:4])
    assert better(few, contender(1, ONE_WRONG), not_asked).reason == "tested on 4 messages, version 1 on 8"
    assert better(few, contender(1, ONE_WRONG, "generated"), not_asked).champion


def test_a_model_is_asked_only_about_what_it_has_not_seen() -> None:
    asked: list[str] = []

    def ask(rival: Contender, ids: "pd.Series[str]") -> pd.DataFrame:
        asked.extend(ids)
        return pd.DataFrame({"message_id": ids, "probability": 0.1, "prediction": 0.0})

    found = better(contender(2, RIGHT), contender(1, RIGHT[:4]), ask)
    assert asked == ["e", "f", "g", "h"]
    assert found.champion
    assert "(1 better, 0 worse in F1)" in found.reason


def test_what_is_gone_never_wins_and_never_stays() -> None:
    gone = Contender(1, "real", None)
    replaced = better(contender(2, ONE_WRONG), gone, not_asked)
    assert (replaced.champion, replaced.reason) == (True, "the artifacts of version 1 are gone")
    assert not better(gone, contender(2, ONE_WRONG), not_asked).champion
    assert not better(gone, Contender(2, "real", None), not_asked).champion

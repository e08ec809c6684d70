"""The numbers of a run are checked by hand on a few scores."""

from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, roc_auc_score  # type: ignore[import-untyped]  # it ships no types

from training import intervals
from training.evaluation import assess, calibration_error, measure, thresholds, worst

# Two spam, three ham. One spam is missed, one ham is taken for spam; of the six pairs of spam and ham, five are in order.
SCORES = pd.DataFrame(
    {
        "repeat": 0,
        "fold": 0,
        "message_id": ["a", "b", "c", "d", "e"],
        "spam": [1.0, 1.0, 0.0, 0.0, 0.0],
        "probability": [0.9, 0.4, 0.6, 0.2, 0.1],
        "prediction": [1.0, 0.0, 1.0, 0.0, 0.0],
    }
)


def test_metrics_are_about_spam() -> None:
    assert asdict(measure(SCORES)) == {
        "auc": pytest.approx(5 / 6),
        "pr_auc": pytest.approx((1 + 2 / 3) / 2),
        "f1": pytest.approx(1 / 2),
        "precision": pytest.approx(1 / 2),
        "recall": pytest.approx(1 / 2),
        "accuracy": pytest.approx(3 / 5),
        "majority_accuracy": pytest.approx(3 / 5),
        "recall_no_ham": pytest.approx(1 / 2),
        "recall_one_ham": pytest.approx(1),
        "brier": pytest.approx((0.01 + 0.36 + 0.36 + 0.04 + 0.01) / 5),
        "calibration_error": pytest.approx((0.1 + 0.6 + 0.6 + 0.2 + 0.1) / 5),
        "ham_kept": 2,
        "ham_taken_for_spam": 1,
        "spam_missed": 1,
        "spam_caught": 1,
    }


def test_a_probability_of_one_is_in_the_last_bin() -> None:
    assert calibration_error(np.array([0.0, 1.0]), np.array([1.0, 0.9])) == pytest.approx((1 - 0.1) / 2)


def test_a_model_that_never_says_spam_has_no_precision() -> None:
    metrics = measure(SCORES.assign(prediction=0.0))
    assert (metrics.precision, metrics.f1, metrics.spam_missed) == (0.0, 0.0, 2)


def test_digests_do_not_depend_on_the_order() -> None:
    one, other = assess(SCORES), assess(SCORES.iloc[::-1])
    assert (one.test_digest, one.predictions_digest) == (other.test_digest, other.predictions_digest)


@pytest.mark.parametrize(
    ("change", "test_differs", "predictions_differ"),
    [
        ({"probability": [0.9, 0.4, 0.6, 0.2, 0.100000002]}, False, True),
        ({"probability": [0.9, 0.4, 0.6, 0.2, 0.1 + 1e-15]}, False, False),
        ({"spam": [1.0, 1.0, 0.0, 0.0, 1.0]}, True, True),
        ({"message_id": ["a", "b", "c", "d", "f"]}, True, True),
    ],
)
def test_digests_notice_what_they_identify(
    change: dict[str, list[float | str]], test_differs: bool, predictions_differ: bool
) -> None:
    before, after = assess(SCORES), assess(SCORES.assign(**change))
    assert (before.test_digest != after.test_digest) == test_differs
    assert (before.predictions_digest != after.predictions_digest) == predictions_differ


def test_of_two_dealings_the_mean_counts() -> None:
    right = SCORES.assign(repeat=1, probability=SCORES["spam"], prediction=SCORES["spam"])
    both = assess(pd.concat([SCORES, right]))
    assert both.metrics.auc == pytest.approx((5 / 6 + 1) / 2)
    assert both.test_digest == assess(SCORES).test_digest
    assert both.predictions_digest != assess(SCORES).predictions_digest


def test_thresholds_and_mistakes_are_those_of_the_first_dealing() -> None:
    opposite = {"probability": 1 - SCORES["probability"], "prediction": 1 - SCORES["prediction"]}
    both = pd.concat([SCORES, SCORES.assign(repeat=1, **opposite)], ignore_index=True)
    pd.testing.assert_frame_equal(worst(both, 9), worst(SCORES, 9))
    pd.testing.assert_frame_equal(thresholds(both), thresholds(SCORES))


def test_thresholds_say_what_each_costs() -> None:
    at = thresholds(SCORES).set_index("threshold")
    assert at.loc[0.25].to_dict() == {"precision": 2 / 3, "recall": 1, "ham_taken_for_spam": 1, "spam_missed": 0}
    assert at.loc[0.99].to_dict() == {"precision": 0, "recall": 0, "ham_taken_for_spam": 0, "spam_missed": 2}


def test_the_worst_mistakes_are_the_most_certain_ones() -> None:
    scores = SCORES.assign(probability=[0.9, 0.01, 0.6, 0.2, 0.1])
    assert worst(scores, 5)["message_id"].tolist() == ["b", "c"]
    assert worst(scores, 1)["message_id"].tolist() == ["b"]


def made_up(messages: int) -> pd.DataFrame:
    """Scores with many ties."""
    generator = np.random.default_rng(7)
    spam = (generator.random(messages) < 0.3).astype(float)
    probability = (spam * 0.3 + generator.random(messages) * 0.7).round(2)
    named = [f"{number:05}" for number in range(messages)]
    return pd.DataFrame(
        {
            "repeat": 0,
            "message_id": named,
            "spam": spam,
            "probability": probability,
            "prediction": (probability > 0.5) * 1.0,
        }
    )


def test_intervals_are_those_of_messages_drawn_anew() -> None:
    scores, generator = made_up(300), np.random.default_rng(intervals.SEED)
    drawn = [scores.iloc[generator.integers(300, size=300)] for _ in range(intervals.DRAWS)]
    aucs = [roc_auc_score(one["spam"], one["probability"]) for one in drawn]
    f1s = [f1_score(one["spam"], one["prediction"]) for one in drawn]
    found = intervals.bootstrap([scores])
    assert found["auc"] == pytest.approx(tuple(np.percentile(aucs, (2.5, 97.5))))
    assert found["f1"] == pytest.approx(tuple(np.percentile(f1s, (2.5, 97.5))))


def test_an_interval_is_narrower_with_more_messages_and_not_with_more_dealings() -> None:
    few, many = made_up(300), made_up(4000)
    (low, high), (closer, nearer) = (intervals.bootstrap([one])["auc"] for one in (few, many))
    assert nearer - closer < (high - low) / 2
    assert intervals.bootstrap([few, few]) == intervals.bootstrap([few])

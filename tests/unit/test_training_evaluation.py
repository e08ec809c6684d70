"""The numbers of a run are checked by hand on a few scores."""

from dataclasses import asdict

import pandas as pd
import pytest

from training.evaluation import assess, measure

# Two spam, three ham. One spam is missed, one ham is taken for spam; of the six pairs of spam and ham, five are in order.
SCORES = pd.DataFrame(
    {
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
        "ham_kept": 2,
        "ham_taken_for_spam": 1,
        "spam_missed": 1,
        "spam_caught": 1,
    }


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

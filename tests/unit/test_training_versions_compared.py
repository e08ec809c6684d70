"""What is said of several table versions: which are chosen, how they compare, and pictures that show it."""

import io
from datetime import UTC, datetime
from functools import cache

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

from training import evaluation, plots, table_plots, telling, versions_compared, workbench
from training.errors import DataError
from training.evaluation import Evaluation
from training.workbench import Version

MADE = datetime(2026, 1, 1, tzinfo=UTC)


def versions(*rows: int | None) -> list[Version]:
    return [Version(number, count, MADE) for number, count in enumerate(rows)]


@pytest.mark.parametrize(
    ("rows", "most", "chosen"),
    [
        ((0, 100, 200, 300, 400), 4, [1, 2, 3, 4]),
        ((0, 100, 200, 300, 400), 2, [2, 4]),
        # A compaction, and one of which the log says nothing.
        ((0, 100, 100, 300, None, 300), 5, [1, 3]),
        ((50,), 5, [0]),
        # Most came at once.
        ((0, 10, 5000, 5010), 5, [1, 2, 3]),
    ],
)
def test_versions_are_chosen_evenly_by_their_rows(rows: tuple[int | None, ...], most: int, chosen: list[int]) -> None:
    assert workbench.spread(versions(*rows), most) == chosen


def test_a_table_without_rows_is_named() -> None:
    with pytest.raises(DataError, match="No version of the table has rows"):
        workbench.spread(versions(0, None), 5)


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("<#length3>", "length: 60 to 79"),
        ("<#length8>", "length: 160 or more"),
        ("<#digits0>", "digits: 0 to 2"),
        ("<#shouted2>", "shouted: 2"),
        ("<url>", "<url>"),
        ("free4u", "free4u"),
        ("<#unknown3>", "<#unknown3>"),
    ],
)
def test_a_sign_is_said_in_words(token: str, said: str) -> None:
    assert telling.in_words(token) == said


def evaluated(*said: tuple[str, float, float]) -> Evaluation:
    """Messages with label and probability."""
    return evaluation.assess(
        pd.DataFrame(
            [(0, 0, message, spam, probability, float(probability > 0.5)) for message, spam, probability in said],
            columns=["repeat", "fold", "message_id", "spam", "probability", "prediction"],
        )
    )


EARLIER = evaluated(("a", 0.0, 0.1), ("b", 1.0, 0.4), ("c", 1.0, 0.9), ("d", 0.0, 0.7))
LATER = evaluated(("a", 0.0, 0.2), ("b", 1.0, 0.8), ("c", 1.0, 0.9), ("d", 0.0, 0.6), ("e", 0.0, 0.0))


def test_only_messages_of_both_versions_are_compared() -> None:
    shared = versions_compared.shared(EARLIER, LATER)
    assert shared["message_id"].tolist() == ["a", "b", "c", "d"]
    assert shared["probability_earlier"].tolist() == [0.1, 0.4, 0.9, 0.7]
    assert shared["probability_later"].tolist() == [0.2, 0.8, 0.9, 0.6]
    found = versions_compared.judged_otherwise(shared)
    assert sorted(found.itertuples(index=False, name=None)) == [
        ("right", "right", 2),
        ("wrong", "right", 1),
        ("wrong", "wrong", 1),
    ]


def test_metrics_stand_side_by_side_with_the_gain() -> None:
    found = versions_compared.metrics(EARLIER, LATER)
    assert list(found.loc["recall"]) == [0.5, 1.0, 0.5]
    assert list(found.loc["spam_missed"]) == [1.0, 0.0, -1.0]


def test_the_curve_has_a_point_for_each_version_in_order() -> None:
    curve = versions_compared.learning_curve({5: LATER, 2: EARLIER})
    assert curve["version"].tolist() == [2, 5]
    assert curve["messages"].tolist() == [4, 5]
    assert (curve["f1_low"] <= curve["f1"]).all()
    assert (curve["f1"] <= curve["f1_high"]).all()


def drawn(count: int = 400) -> Evaluation:
    """Scores as a good model gives them."""
    chance = np.random.default_rng(1)
    spam = (chance.random(count) < 0.13).astype(float)
    evidence = chance.normal(np.where(spam == 1, 5, -6), 3)
    probability = 1 / (1 + np.exp(-evidence))
    said = zip((f"{number:064}" for number in range(count)), spam.tolist(), probability.tolist(), strict=True)
    return evaluated(*said)


@cache
def all_pictures() -> dict[str, Figure]:
    tested, half = drawn(), drawn(200)
    curve = versions_compared.learning_curve({1: half, 2: tested})
    tokens = pd.DataFrame({"token": [f"w{number}" for number in range(80)], "weight": np.linspace(4, -4, 80)})
    return plots.draw(tested) | {
        "growth": table_plots.growth(workbench.table(versions(0, 100, None, 300))),
        "repairs": table_plots.repairs(pd.DataFrame({"repair": ["as it came", "mac_roman"], "rows": [900, 7]})),
        "tokens": table_plots.tokens(tokens),
        "learning curve": table_plots.learning_curve(curve),
        "compared": table_plots.compared(versions_compared.shared(half, tested), 1, 2),
    }


@pytest.mark.parametrize(
    "name",
    [
        *("roc.png", "precision-recall.png", "calibration.png", "confusion.png"),
        *("growth", "repairs", "tokens", "learning curve", "compared"),
    ],
)
def test_a_picture_shows_something_and_says_what(name: str) -> None:
    figure = all_pictures()[name]
    png = io.BytesIO()
    figure.savefig(png)
    pixels = np.asarray(Image.open(png).convert("L"))
    assert 0.01 < (pixels < 250).mean() < 0.9
    # The last axis may be a window in the picture.
    first = figure.axes[0]
    assert first.get_title()
    assert figure.axes[-1].get_xlabel() or first.get_xlabel()


def test_the_calibration_counts_every_message_and_its_interval_holds_the_share() -> None:
    tested = drawn()
    bins = plots.binned(tested.scores)
    assert bins["messages"].sum() == len(tested.scores)
    assert ((bins["low"] <= bins["share"]) & (bins["share"] <= bins["high"])).all()
    assert bins[["low", "high"]].min().min() >= 0
    assert bins[["low", "high"]].max().max() <= 1

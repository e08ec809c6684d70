"""The pictures of a run. Drawn on a bare `Figure`: no window system, no global state."""

import pandas as pd
from matplotlib.figure import Figure
from sklearn.metrics import roc_curve  # type: ignore[import-untyped]  # it ships no types

from training.evaluation import Evaluation, Metrics


def draw(tested: Evaluation) -> dict[str, Figure]:
    """The pictures by file name."""
    return {"roc.png": roc(tested.scores, tested.metrics.auc), "confusion.png": confusion(tested.metrics)}


def roc(scores: pd.DataFrame, auc: float) -> Figure:
    """The share of spam caught against the share of ham lost, over all thresholds."""
    lost, caught, _ = roc_curve(scores["spam"], scores["probability"])
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(lost, caught, label=f"AUC {auc:.4f}")
    axes.plot([0, 1], [0, 1], linestyle=":", color="grey", label="chance")
    axes.set(xlabel="ham taken for spam", ylabel="spam caught", title="ROC out of fold", aspect="equal")
    axes.legend(loc="lower right")
    return figure


def confusion(metrics: Metrics) -> Figure:
    """Test messages by label and prediction, each row coloured by its shares."""
    counts = [[metrics.ham_kept, metrics.ham_taken_for_spam], [metrics.spam_missed, metrics.spam_caught]]
    figure = Figure(figsize=(4, 4), layout="constrained")
    axes = figure.add_subplot()
    axes.imshow([[count / sum(row) for count in row] for row in counts], cmap="Blues", vmin=0, vmax=2)
    for row, column in ((0, 0), (0, 1), (1, 0), (1, 1)):
        axes.text(column, row, f"{counts[row][column]:.0f}", ha="center", va="center", size="x-large")
    axes.set_xticks([0, 1], ["ham", "spam"])
    axes.set_yticks([0, 1], ["ham", "spam"])
    axes.set(xlabel="predicted", ylabel="label", title="Messages out of fold")
    return figure

"""The pictures of one model out of fold. Drawn on a bare `Figure`: no window system, no global state."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.metrics import precision_recall_curve, roc_curve  # type: ignore[import-untyped]  # it ships no types

from training.evaluation import BINS, Evaluation, Metrics

HAM, SPAM, FAINT = "#3b6ea8", "#c0392b", "#8a8a8a"
# Where the curves of a good model differ: hardly any ham lost, hardly any spam missed.
CORNER_HAM, CORNER_SPAM = 0.03, 0.85
MARKED = (0.1, 0.5, 0.9, 0.99)
# The quantile of a normal distribution for intervals of 95 %.
Z = 1.96


def draw(tested: Evaluation) -> dict[str, Figure]:
    """The pictures by file name."""
    return {
        "roc.png": roc(tested.scores, tested.metrics.auc),
        "precision-recall.png": precision_recall(tested.scores, tested.metrics.pr_auc),
        "calibration.png": calibration(tested.scores, tested.metrics),
        "confusion.png": confusion(tested.metrics),
    }


def roc(scores: pd.DataFrame, auc: float) -> Figure:
    """The share of spam caught against the share of ham lost, over all thresholds; the corner that matters enlarged."""
    lost, caught, _ = roc_curve(scores["spam"], scores["probability"])
    figure = Figure(figsize=(6, 6), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(lost, caught, color=SPAM, linewidth=2, label=f"model (AUC {auc:.4f})")
    axes.plot([0, 1], [0, 1], linestyle=":", color=FAINT, label="chance (AUC 0.5)")
    axes.set(
        xlabel="share of ham taken for spam", ylabel="share of spam caught", title="ROC, out of fold", aspect="equal"
    )
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    corner = _enlarged(axes, (0.38, 0.26, 0.56, 0.46), "the upper left corner, enlarged")
    corner.plot(lost, caught, color=SPAM, linewidth=2)
    corner.set(xlim=(0, CORNER_HAM), ylim=(CORNER_SPAM, 1.003))
    return figure


def precision_recall(scores: pd.DataFrame, average: float) -> Figure:
    """How much of what is called spam is spam, against how much of the spam is found; some thresholds marked."""
    precision, recall, limits = precision_recall_curve(scores["spam"], scores["probability"])
    figure = Figure(figsize=(6, 5), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(recall, precision, color=SPAM, linewidth=2, label=f"model (average precision {average:.4f})")
    share = scores["spam"].mean()
    axes.axhline(share, linestyle=":", color=FAINT, label=f"calling all of it spam ({share:.3f})")
    corner = _enlarged(
        axes, (0.1, 0.42, 0.62, 0.46), "the upper right corner, enlarged; dots: called spam from this probability on"
    )
    corner.plot(recall, precision, color=SPAM, linewidth=2)
    corner.set(xlim=(CORNER_SPAM, 1.003), ylim=(CORNER_SPAM, 1.01))
    places = np.minimum(np.searchsorted(limits, MARKED), len(limits) - 1)
    # Written below each other: the dots may lie close together.
    for number, (at, limit) in enumerate(zip(places[::-1], MARKED[::-1], strict=True)):
        if recall[at] >= CORNER_SPAM and precision[at] >= CORNER_SPAM:
            corner.plot(recall[at], precision[at], "o", color="black", markersize=5)
            corner.annotate(
                f"{limit:g}",
                (recall[at], precision[at]),
                xytext=(-24, -10 - 14 * number),
                textcoords="offset points",
                ha="right",
                arrowprops={"arrowstyle": "-", "color": FAINT, "linewidth": 0.7},
            )
    axes.set(
        xlabel="recall: share of spam found",
        ylabel="precision: share of what is found that is spam",
        title="Precision and recall, out of fold",
        xlim=(0, 1.02),
        ylim=(0, 1.03),
    )
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left", bbox_to_anchor=(0.02, share + 0.02))
    return figure


def calibration(scores: pd.DataFrame, metrics: Metrics) -> Figure:
    """Whether seven in ten messages with a probability of 0.7 are spam; below, how many messages each bin has."""
    bins = binned(scores)
    figure = Figure(figsize=(6, 6), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    upper.plot([0, 1], [0, 1], linestyle=":", color=FAINT, label="perfect")
    errors = [bins["share"] - bins["low"], bins["high"] - bins["share"]]
    upper.errorbar(
        bins["probability"],
        bins["share"],
        yerr=errors,
        fmt="o",
        color=SPAM,
        capsize=3,
        label="model, with 95 % intervals",
    )
    upper.set(
        ylabel="share that is spam",
        title=f"Calibration, out of fold (Brier score {metrics.brier:.4f}, error {metrics.calibration_error:.4f})",
        ylim=(-0.03, 1.03),
    )
    figure.legend(loc="outside lower center", ncols=2)
    upper.grid(alpha=0.3)
    middles = (bins.index.to_numpy(dtype=float) + 0.5) / BINS
    lower.bar(middles, bins["messages"], width=0.9 / BINS, color=FAINT)
    for middle, count in zip(middles, bins["messages"], strict=True):
        lower.annotate(
            f"{count:,}", (middle, count), xytext=(0, 2), textcoords="offset points", ha="center", size="small"
        )
    lower.set(xlabel="probability of spam", ylabel="messages", yscale="log", ylim=(0.7, bins["messages"].max() * 6))
    return figure


def confusion(metrics: Metrics) -> Figure:
    """Test messages by label and prediction, each row coloured by its shares."""
    counts = [[metrics.ham_kept, metrics.ham_taken_for_spam], [metrics.spam_missed, metrics.spam_caught]]
    figure = Figure(figsize=(4.5, 4.5), layout="constrained")
    axes = figure.add_subplot()
    axes.imshow([[count / sum(row) for count in row] for row in counts], cmap="Blues", vmin=0, vmax=2)
    for row, column in ((0, 0), (0, 1), (1, 0), (1, 1)):
        count = counts[row][column]
        said = f"{count:,.0f}\n{100 * count / sum(counts[row]):.2f} % of {('ham', 'spam')[row]}"
        axes.text(column, row, said, ha="center", va="center", size="large")
    axes.set_xticks([0, 1], ["ham", "spam"])
    axes.set_yticks([0, 1], ["ham", "spam"])
    axes.set(xlabel="predicted", ylabel="label", title="Messages out of fold")
    return figure


def _enlarged(axes: Axes, place: tuple[float, float, float, float], title: str) -> Axes:
    """A window in the picture for a part of it."""
    corner = axes.inset_axes(place)
    corner.set_title(title, fontsize="x-small", backgroundcolor="white", pad=4)
    corner.tick_params(labelsize="small")
    corner.grid(alpha=0.3)
    return corner


def binned(scores: pd.DataFrame) -> pd.DataFrame:
    """Mean `probability`, `share` of spam from `low` to `high`, and `messages` of each bin of equal width that has some.

    The interval is Wilson's (Probable inference, JASA 1927): it stays within 0 and 1.
    """
    bins = np.minimum((scores["probability"] * BINS).astype(int), BINS - 1)
    grouped = scores.groupby(bins)
    found = pd.DataFrame(
        {"probability": grouped["probability"].mean(), "share": grouped["spam"].mean(), "messages": grouped.size()}
    )
    size = found["messages"]
    middle = (found["share"] + Z**2 / (2 * size)) / (1 + Z**2 / size)
    half = Z * np.sqrt(found["share"] * (1 - found["share"]) / size + (Z / (2 * size)) ** 2) / (1 + Z**2 / size)
    # Rounding may take an end past the mean, or out of 0 to 1.
    low, high = np.minimum(middle - half, found["share"]), np.maximum(middle + half, found["share"])
    return found.assign(low=low.clip(lower=0), high=high.clip(upper=1))

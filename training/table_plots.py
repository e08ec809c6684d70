"""The pictures of a table's versions and of what a model learned from them. Drawn on a bare `Figure`, like those of `plots.py`."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator

from training import telling
from training.plots import FAINT, HAM, SPAM

# A probability of 0 or 1 has no place on a scale of odds.
SUREST = 1e-9
MARKS = {
    1e-9: "10⁻⁹",
    1e-6: "10⁻⁶",
    1e-3: "0.001",
    0.5: "0.5",
    1 - 1e-3: "0.999",
    1 - 1e-6: "1 − 10⁻⁶",
    1 - 1e-9: "1 − 10⁻⁹",
}
BAR = 0.28


def growth(versions: pd.DataFrame) -> Figure:
    """`rows` by `version`, with both ends named."""
    known = versions.dropna(subset=["rows"])
    figure = Figure(figsize=(7, 3.5), layout="constrained")
    axes = figure.add_subplot()
    axes.step(known["version"], known["rows"], where="post", color=HAM, linewidth=2)
    axes.plot(known["version"], known["rows"], "o", color=HAM, markersize=4)
    axes.set(xlabel="version of the table", ylabel="rows", title="How the table grew")
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.grid(alpha=0.3)
    return figure


def repairs(found: pd.DataFrame) -> Figure:
    """`rows` by `repair`, on a scale of powers of ten: most rows need none."""
    ordered = found.iloc[::-1]
    figure = Figure(figsize=(7, 1.2 + BAR * 1.3 * len(ordered)), layout="constrained")
    axes = figure.add_subplot()
    bars = axes.barh(ordered["repair"], ordered["rows"], color=HAM)
    axes.bar_label(bars, [f"{count:,}" for count in ordered["rows"]], padding=3)
    axes.set(xlabel="rows (scale of powers of ten)", xscale="log", title="What the cleaner did")
    axes.set_xlim(0.7, max(ordered["rows"].max() * 4, 10))
    return figure


def tokens(found: pd.DataFrame, most: int = 18) -> Figure:
    """The `most` surest signs of spam and of ham, by `weight`."""
    shown = telling.ends(found, most).iloc[::-1]
    figure = Figure(figsize=(7, 1.2 + BAR * len(shown)), layout="constrained")
    axes = figure.add_subplot()
    colours = np.where(shown["weight"] > 0, SPAM, HAM)
    axes.barh(np.arange(len(shown)), shown["weight"], color=colours, height=0.75)
    axes.set_yticks(np.arange(len(shown)), [telling.in_words(token) for token in shown["token"]], fontsize="small")
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set(
        xlabel="weight: evidence for ham (left) and for spam (right)",
        title="The most telling tokens",
        ylim=(-0.7, len(shown) - 0.3),
    )
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    return figure


def learning_curve(found: pd.DataFrame) -> Figure:
    """AUC and F1 over the messages of each version, with intervals of 95 %."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    for axes, (name, title) in zip(figure.subplots(1, 2), (("auc", "AUC"), ("f1", "F1 for spam")), strict=True):
        axes.fill_between(
            found["messages"], found[f"{name}_low"], found[f"{name}_high"], color=HAM, alpha=0.2, label="95 % interval"
        )
        axes.plot(found["messages"], found[name], "o-", color=HAM, label="out of fold")
        _name_versions(axes, found, name)
        axes.set(xlabel="distinct messages in the version", title=title)
        axes.margins(y=0.14)
        axes.set_xlim(left=0)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.grid(alpha=0.3)
        axes.legend(loc="lower right")
    figure.suptitle("The learning curve over table versions")
    return figure


def compared(shared: pd.DataFrame, earlier: int, later: int) -> Figure:
    """The spam probabilities of the same messages on two versions; messages judged otherwise have a ring."""
    figure = Figure(figsize=(6.5, 6.5), layout="constrained")
    axes = figure.add_subplot()
    for value, name, colour in ((0.0, "ham", HAM), (1.0, "spam", SPAM)):
        one = shared[shared["spam"] == value]
        axes.scatter(
            _odds(one, "earlier"), _odds(one, "later"), s=12, alpha=0.35, color=colour, linewidths=0, label=name
        )
    moved = shared[shared["prediction_earlier"] != shared["prediction_later"]]
    axes.scatter(
        _odds(moved, "earlier"),
        _odds(moved, "later"),
        s=60,
        facecolors="none",
        edgecolors="black",
        linewidths=0.9,
        label=f"judged otherwise ({len(moved)})",
    )
    ends = (SUREST / 3, 1 - SUREST / 3)
    axes.plot(ends, ends, linestyle=":", color=FAINT)
    axes.axhline(0.5, color=FAINT, linewidth=0.8)
    axes.axvline(0.5, color=FAINT, linewidth=0.8)
    axes.set_xscale("logit")
    axes.set_yscale("logit")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(FixedLocator(list(MARKS)))
        axis.set_minor_locator(FixedLocator([]))
        axis.set_major_formatter(lambda value, _: MARKS.get(value, ""))
    axes.tick_params(axis="x", labelrotation=30)
    axes.set(
        xlabel=f"probability of spam, model of version {earlier}",
        ylabel=f"probability of spam, model of version {later}",
        title=f"{len(shared):,} messages of both versions, out of fold",
        xlim=ends,
        ylim=ends,
        aspect="equal",
    )
    axes.legend(loc="upper left", markerscale=1.5)
    return figure


def _name_versions(axes: Axes, found: pd.DataFrame, name: str) -> None:
    for version, messages, value in found[["version", "messages", name]].itertuples(index=False):
        axes.annotate(
            f"v{version:.0f}", (messages, value), xytext=(0, 7), textcoords="offset points", ha="center", size="small"
        )


def _odds(rows: pd.DataFrame, which: str) -> np.ndarray:
    return np.asarray(np.clip(rows[f"probability_{which}"].to_numpy(dtype=float), SUREST, 1 - SUREST))

"""The goals that docs/bench tells of, as a table and as a picture: `make bench P=plot`."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from conf.machine import ROOT
from tests.bench.results import Goal

KEPT = ROOT / "docs" / "bench"
PICTURE = KEPT / "goals.png"
COLOURS = {"holds": "tab:green", "inconclusive": "tab:orange", "does not hold": "tab:red"}


def main() -> None:
    """Prints the table and draws the picture."""
    found = goals(KEPT)
    print(table(found))
    draw(found).savefig(PICTURE, dpi=110)


def goals(folder: Path) -> list[Goal]:
    """Those of all files, by number."""
    told = [Goal(**goal) for file in folder.glob("*.json") for goal in json.loads(file.read_text("utf-8"))["goals"]]
    return sorted(told, key=lambda goal: (int("".join(filter(str.isdigit, goal.name))), goal.name))


def table(found: Sequence[Goal]) -> str:
    """A row for each goal, in Markdown."""
    head = ["| goal | what | measured | gate | verdict |", "|---|---|---|---|---|"]
    return "\n".join([*head, *map(row, found)])


def row(goal: Goal) -> str:
    """As it stands in docs/performance.md."""
    gate = f"≥ {goal.least:g}" if goal.least is not None else f"≤ {goal.most:g}"
    interval = "" if goal.low == goal.high else f" ({goal.low:.3g} to {goal.high:.3g})"
    return f"| {goal.name} | {goal.what} | {goal.median:.3g}{interval} | {gate} | {goal.verdict} |"


def draw(found: Sequence[Goal]) -> Figure:
    """How much better than its gate each goal is, with its interval; the gate is the line at 1."""
    figure = Figure(figsize=(9, 0.7 + 0.36 * len(found)), layout="constrained")
    axes = figure.add_subplot()
    for place, goal in enumerate(reversed(found)):
        low, middle, high = sorted(_beside_gate(goal, value) for value in (goal.low, goal.median, goal.high))
        colour = COLOURS[goal.verdict]
        axes.plot([low, high], [place, place], color=colour, linewidth=3, alpha=0.5, solid_capstyle="butt")
        axes.plot(middle, place, "o", color=colour)
    axes.axvline(1, color="black", linewidth=1)
    axes.set_yticks(range(len(found)), [f"{goal.name}: {goal.what}" for goal in reversed(found)])
    axes.set_xscale("log", base=2)
    ticks = [2.0**power for power in range(math.floor(math.log2(axes.get_xlim()[0])), 5)]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set(xlabel="times better than the gate (1)", title="Goals of docs/performance.md")
    axes.grid(axis="x", alpha=0.3)
    return figure


def _beside_gate(goal: Goal, value: float) -> float:
    return value / goal.least if goal.least is not None else (goal.most or 1) / value


if __name__ == "__main__":
    main()

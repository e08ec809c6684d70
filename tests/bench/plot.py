"""What docs/bench tells of, as a table of the goals, and as pictures of them and of growth: `make bench P=plot`."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from conf.machine import ROOT
from tests.bench.results import Goal

KEPT = ROOT / "docs" / "bench"
PICTURE = KEPT / "goals.png"
SLOPES = KEPT / "slopes.json"
GROWTH = KEPT / "growth.png"
COLOURS = {"holds": "tab:green", "inconclusive": "tab:orange", "does not hold": "tab:red"}


def main() -> None:
    """Prints the table and draws the pictures."""
    found = goals(KEPT)
    print(table(found))
    draw(found).savefig(PICTURE, dpi=110)
    if SLOPES.exists():
        draw_growth(json.loads(SLOPES.read_text("utf-8"))).savefig(GROWTH, dpi=110)


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


def draw_growth(told: dict[str, Any]) -> Figure:
    """A decision's time and what lies in the log, by commits; start, decision and memory, by entries."""
    figure = Figure(figsize=(10, 7), layout="constrained")
    (time, space), (start, large) = figure.subplots(2, 2)
    commits, entries = told["commits"], told["entries"]
    for what, colour in (("p99 ms", "tab:orange"), ("decision ms", "tab:blue")):
        _line(time, commits, "commits", what, colour)
    time.set(title="A decision over three tables on MinIO", ylim=(0, None))
    stored = [point for point in commits if "messages" in point]
    for name, colour in (("messages", "tab:blue"), ("quarantine", "tab:green"), ("ledger", "tab:purple")):
        for kind, style in (("commits", "-"), ("checkpoints", "--")):
            sizes = [point[name][f"bytes of {kind}"] / 2**20 for point in stored]
            space.plot([point["commits"] for point in stored], sizes, style, color=colour, label=f"{name}, {kind}")
    space.set(title="MB of the tables' logs", xlabel="commits", ylim=(0, None))
    for what, colour in (("index brought up s", "tab:orange"), ("start s", "tab:blue")):
        _line(start, entries, "entries", what, colour)
    start.set(title="Start: the tables and the index are opened", xscale="log", yscale="log")
    for what, colour in (("memory MB", "tab:purple"), ("decision ms", "tab:blue")):
        _line(large, entries, "entries", what, colour)
    large.set(title="A decision of ten objects, and the process's memory", xscale="log", ylim=(0, None))
    for axes in (time, space, start, large):
        axes.legend(fontsize=8)
        axes.grid(alpha=0.3)
    return figure


def _line(axes: Axes, points: Sequence[dict[str, Any]], by: str, what: str, colour: str) -> None:
    axes.plot([point[by] for point in points], [point[what] for point in points], ".-", color=colour, label=what)
    axes.set_xlabel(by)


def _beside_gate(goal: Goal, value: float) -> float:
    return value / goal.least if goal.least is not None else (goal.most or 1) / value


if __name__ == "__main__":
    main()

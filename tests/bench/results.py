"""What a benchmark found of each goal, and where its figures are kept: as JSON, with what they are worth nothing without."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from tests.bench.machine import machine
from tests.bench.ratios import Ratio

Json = Annotated[Path | None, typer.Option("--json", help="Where the figures are written to.")]


class Goal(NamedTuple):
    """One goal of docs/performance.md: the figure, the interval in which it lies with 95 % confidence, and its gate."""

    name: str
    what: str
    median: float
    low: float
    high: float
    least: float | None
    most: float | None
    verdict: str

    def __str__(self) -> str:
        gates = [f"at least {self.least}"] * (self.least is not None) + [f"at most {self.most}"] * (
            self.most is not None
        )
        return (
            f"{self.name}, {self.what}: {self.median:.3g} ({self.low:.3g} to {self.high:.3g}); {' and '.join(gates)}: "
            f"{self.verdict}"
        )


def compared(name: str, what: str, found: Ratio, *, least: float | None = None, most: float | None = None) -> Goal:
    """The whole interval must lie within the gate."""
    verdict = found.within(least or 0, math.inf if most is None else most)
    return Goal(name, what, found.median, found.low, found.high, least, most, verdict)


def counted(name: str, what: str, figure: float, *, most: float) -> Goal:
    """One figure that has no interval."""
    return Goal(name, what, figure, figure, figure, None, most, "holds" if figure <= most else "does not hold")


def keep(file: Path | None, goals: Sequence[Goal], figures: dict[str, Any]) -> None:
    """Prints the goals. They and the figures lie in the file, if one is named, with commit, versions and machine."""
    for goal in goals:
        print(goal)
    if file:
        told = {"goals": [goal._asdict() for goal in goals]} | figures | machine()
        file.write_text(json.dumps(told, indent=1), "utf-8")

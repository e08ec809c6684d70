"""What a training ends with: a few lines for a person, the same as JSON for a program."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from conf.terminal import tell
from training.census import Census
from training.evaluation import Metrics
from training.intervals import Interval


@dataclass(frozen=True)
class Summary:
    """One finished training. `predictions_digest` is the same exactly when it was repeated."""

    algorithm: str
    origin: str
    folds: int
    repeats: int
    table: str
    version: int
    census: Census
    metrics: Metrics
    intervals: dict[str, Interval]
    test_digest: str
    predictions_digest: str
    run_id: str
    run_url: str
    model_name: str
    model_version: int
    champion: bool
    champion_reason: str
    seconds: dict[str, float]

    def flat(self) -> dict[str, Any]:
        """The fields on one level: those of census and metrics take the place of the two."""
        fields = asdict(self)
        return {**fields.pop("census"), **fields.pop("metrics"), **fields}


def write(summary: Summary, path: Path) -> None:
    """Writes the flat fields as one JSON object."""
    path.write_text(json.dumps(summary.flat(), indent=2) + "\n")


def show(summary: Summary, console: Console) -> None:
    """Prints what a person wants to know, each line in one piece: a link broken over two cannot be clicked."""
    tell(console, _lines(summary))


def _lines(summary: Summary) -> list[tuple[str, str]]:
    census, metrics = summary.census, summary.metrics
    times = "" if summary.repeats == 1 else f", {summary.repeats} times"
    return [
        ("table", f"{summary.table}, version {summary.version}, digest {census.digest}"),
        ("origin", summary.origin),
        ("rows", f"{census.rows}, {census.distinct} distinct, {census.distinct_spam} of them spam"),
        ("algorithm", f"{summary.algorithm}, tested out of fold: {summary.folds} folds{times}"),
        ("AUC", f"{_told(summary, 'auc')}, average precision {metrics.pr_auc:.4f}"),
        ("F1", f"{_told(summary, 'f1')}, precision {metrics.precision:.4f}, recall {metrics.recall:.4f}"),
        ("recall", f"{metrics.recall_no_ham:.4f} with no ham taken for spam, {metrics.recall_one_ham:.4f} with one"),
        ("accuracy", f"{metrics.accuracy:.4f}; calling all of it ham: {metrics.majority_accuracy:.4f}"),
        ("calibration", f"Brier score {metrics.brier:.4f}, calibration error {metrics.calibration_error:.4f}"),
        ("model", f"{summary.model_name}, version {summary.model_version}"),
        ("champion", f"{'yes' if summary.champion else 'no'}: {summary.champion_reason}"),
        ("seconds", ", ".join(f"{name} {took:.1f}" for name, took in summary.seconds.items())),
        ("run", summary.run_url),
    ]


def _told(summary: Summary, metric: str) -> str:
    low, high = summary.intervals[metric]
    return f"{getattr(summary.metrics, metric):.4f} (95 %: {low:.4f} to {high:.4f})"

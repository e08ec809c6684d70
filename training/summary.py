"""What a training ends with: a few lines for a person, the same as JSON for a program."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from training.census import Census
from training.evaluation import Metrics


@dataclass(frozen=True)
class Summary:
    """One finished training. `predictions_digest` is the same exactly when it was repeated."""

    algorithm: str
    origin: str | None
    table: str
    version: int
    census: Census
    metrics: Metrics
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
        """The fields in one level: those of census and metrics in the place of the two."""
        fields = asdict(self)
        return {**fields.pop("census"), **fields.pop("metrics"), **fields}


def write(summary: Summary, path: Path) -> None:
    """Writes the flat fields as one JSON object."""
    path.write_text(json.dumps(summary.flat(), indent=2) + "\n")


def show(summary: Summary, console: Console) -> None:
    """Prints what a person wants to know, each line in one piece: a link broken over two cannot be clicked."""
    for name, value in _lines(summary):
        console.print(f"{name:>10}  {value}", soft_wrap=True, highlight=False, markup=False)


def _lines(summary: Summary) -> list[tuple[str, str]]:
    census, metrics = summary.census, summary.metrics
    sides = f"{census.fit_messages} to fit, {census.test_messages} to test"
    return [
        ("table", f"{summary.table}, version {summary.version}, digest {census.digest}"),
        ("origin", summary.origin or "not given"),
        ("rows", f"{census.rows}, {census.distinct} distinct: {sides}"),
        ("algorithm", summary.algorithm),
        ("AUC", f"{metrics.auc:.4f} (average precision {metrics.pr_auc:.4f})"),
        ("F1", f"{metrics.f1:.4f} (precision {metrics.precision:.4f}, recall {metrics.recall:.4f})"),
        ("model", f"{summary.model_name}, version {summary.model_version}"),
        ("champion", f"{'yes' if summary.champion else 'no'}: {summary.champion_reason}"),
        ("seconds", ", ".join(f"{name} {took:.1f}" for name, took in summary.seconds.items())),
        ("run", summary.run_url),
    ]

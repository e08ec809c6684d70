"""What a repetition proves: one word, and the name of everything that differs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from rich.console import Console

from conf.terminal import tell
from training.differences import Difference


class Verdict(StrEnum):
    """In the order in which they are found. The first three end a repetition: there is nothing to train on."""

    RECORD_CHANGED = "RECORD-CHANGED"
    """MLflow holds something other than what the training wrote."""
    DATA_GONE = "DATA-GONE"
    """A file of the table version is not there any more."""
    DATA_CHANGED = "DATA-CHANGED"
    """The version's files or rows are not those that were trained on."""
    REPRODUCED = "REPRODUCED"
    """Metrics, each prediction and the model are the same, whatever else differs."""
    CODE_DIFFERS = "CODE-DIFFERS"
    """They are not the same, and the code differs."""
    ENVIRONMENT_DIFFERS = "ENVIRONMENT-DIFFERS"
    """They are not the same. The code is, but not what it runs on."""
    METRICS_DIFFER = "METRICS-DIFFER"
    """They are not the same, and nothing explains it."""


@dataclass(frozen=True)
class Judgement:
    """The verdict on a run. `findings` are what it rests on; `notes` differ as well, and changed nothing."""

    verdict: Verdict
    findings: Sequence[Difference] = ()
    notes: Sequence[Difference] = ()
    advice: str = ""
    """What can be done about it."""
    figures: dict[str, float] = field(default_factory=dict)
    """The metrics of the repetition, where it got that far."""

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        told = asdict(self)
        return told | {key: [one._asdict() for one in getattr(self, key)] for key in ("findings", "notes")}


def of_results(
    results: Sequence[Difference],
    code: Sequence[Difference],
    environment: Sequence[Difference],
    figures: dict[str, float],
) -> Judgement:
    """The verdict on a repetition that was trained: equal results are the proof; otherwise the first possible cause is named."""
    if not results:
        return Judgement(Verdict.REPRODUCED, notes=[*code, *environment], figures=figures)
    if code:
        return Judgement(Verdict.CODE_DIFFERS, [*code, *results], environment, _checkout(code), figures)
    if environment:
        advice = "Install the lock that the run names, and repeat it on its platform."
        return Judgement(Verdict.ENVIRONMENT_DIFFERS, [*environment, *results], advice=advice, figures=figures)
    return Judgement(Verdict.METRICS_DIFFER, results, figures=figures)


def show(run_id: str, found: Judgement, console: Console) -> None:
    """Prints the verdict and all that differs, each in one piece."""
    lines = [
        ("run", run_id),
        *(("differs", f"{what}: {then} -> {now}") for what, then, now in found.findings),
        *(("also", f"{what}: {then} -> {now}, which changed nothing") for what, then, now in found.notes),
        *((name, f"{found.figures[name]:.4f}") for name in ("auc", "f1") if name in found.figures),
        *([("advice", found.advice)] if found.advice else []),
        ("verdict", str(found.verdict)),
    ]
    tell(console, lines)


def _checkout(code: Sequence[Difference]) -> str:
    then = next((one.then for one in code if one.what == "commit"), "")
    return f"Repeat it with the code of the run: commit {then}." if then else "Repeat it with the code of the run."

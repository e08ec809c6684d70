"""Starts a training, or its repetition, as a person would: `spark-submit training/train.py`, in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from conf import jvm
from conf.local import processes
from conf.machine import ROOT
from conf.settings import Settings
from conf.terminal import tail
from training import parcel
from training.errors import TrainingError

STOP_PATIENCE_SECONDS = 15


def train(settings: Settings) -> dict[str, Any]:
    """The summary of a finished training on the newest version.

    The training's output goes to the terminal, Java's to a log. Raises `TrainingError` when the training fails; an
    interruption ends it.
    """
    summary, log = settings.home / "run" / "training.json", settings.home / "logs" / "training.log"
    code = _run(settings, ("train.py", "--summary", str(summary)), log, sys.stdout)
    if code:
        raise TrainingError(f"The training ended with exit code {code}.\n{tail(log.read_text())}\nThe whole log: {log}")
    return dict(json.loads(summary.read_text()))


def reproduce(settings: Settings, run: str, said: IO[str]) -> dict[str, Any]:
    """The verdict on a run or model, with all that it rests on.

    The repetition's output goes to `said`, Java's to a log. Raises `TrainingError` when there is no verdict.
    """
    log = _log(settings, "reproduction", f"reproduce {run}")
    with TemporaryDirectory() as folder:
        report = Path(folder, "verdict.json")
        code = _run(settings, ("reproduce.py", run, "--report", str(report)), log, said)
        if report.exists():
            return dict(json.loads(report.read_text()))
    raise TrainingError(f"There is no verdict: exit code {code}.\n{tail(log.read_text())}\nThe whole log: {log}")


def deliver(settings: Settings) -> None:
    """MLflow has the trainings that it lacked. Raises `TrainingError` when the delivery fails."""
    log = _log(settings, "delivery", "deliver")
    if not parcel.waiting(settings.trainings) and not parcel.unreadable(settings.trainings):
        # Without Java, which would take ten seconds to reach the same result.
        sys.stdout.write(f"{parcel.NONE_WAITS}\n")
        return
    code = _run(settings, ("deliver.py",), log, sys.stdout)
    if code:
        raise TrainingError(f"{tail(log.read_text())}\nThe whole log: {log}")


def _log(settings: Settings, name: str, task: str) -> Path:
    """A log that can be written. Where it cannot, this is one of the containers, which have a task for it."""
    log = settings.home / "logs" / f"{name}.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.touch()
    except OSError as error:
        raise TrainingError(
            f"{log} cannot be written: {error.strerror}. In containers it is `docker compose run --rm {task}`."
        ) from error
    return log


def _run(settings: Settings, program: Sequence[str], log: Path, said: IO[str]) -> int:
    """Runs it in a session of its own: Ctrl-C reaches only us, not three programs that would each complain."""
    java = [word for name, value in jvm.launch().items() for word in ("--conf", f"{name}={value}")]
    spark_submit = (str(Path(sys.prefix, "bin", "spark-submit")), *java)
    command = (*spark_submit, str(ROOT / "training" / program[0]), *program[1:])
    environment = os.environ | {processes.MARK: str(settings.home)}
    with (
        log.open("w") as complaints,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=complaints, env=environment, start_new_session=True, text=True
        ) as running,
    ):
        try:
            for line in running.stdout or ():
                said.write(line)
                said.flush()
        except BaseException:
            # The whole group, not only its leader: the Python that Java started may outlive it for a moment.
            processes.end(processes.group_of(running.pid), STOP_PATIENCE_SECONDS)
            raise
    return running.returncode

"""Starts a training as a person would: `spark-submit training/train.py`, in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from conf import jvm
from conf.local import processes
from conf.local.commands import tail
from conf.machine import ROOT
from conf.settings import Settings
from training.errors import TrainingError

STOP_PATIENCE_SECONDS = 15


def train(settings: Settings) -> dict[str, Any]:
    """The summary of a finished training on the newest version.

    What the training says goes to the terminal, what Java says to a log. Raises `TrainingError` when it fails; an
    interruption ends it.
    """
    summary, log = settings.home / "run" / "training.json", settings.home / "logs" / "training.log"
    java = [word for name, value in jvm.launch().items() for word in ("--conf", f"{name}={value}")]
    spark_submit = (str(Path(sys.prefix, "bin", "spark-submit")), *java)
    program = (str(ROOT / "training" / "train.py"), "--summary", str(summary))
    code = _run((*spark_submit, *program), log, os.environ | {processes.MARK: str(settings.home)})
    if code:
        raise TrainingError(f"The training ended with exit code {code}.\n{tail(log.read_text())}\nThe whole log: {log}")
    return dict(json.loads(summary.read_text()))


def _run(command: Sequence[str], log: Path, environment: dict[str, str]) -> int:
    """In a session of its own: Ctrl-C reaches only us, not three programs that would each complain of it."""
    with (
        log.open("w") as complaints,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=complaints, env=environment, start_new_session=True, text=True
        ) as running,
    ):
        try:
            for line in running.stdout or ():
                sys.stdout.write(line)
                sys.stdout.flush()
        except BaseException:
            # All of them, not the first: the Python that Java started may outlive it for a moment.
            processes.end(processes.group_of(running.pid), STOP_PATIENCE_SECONDS)
            raise
    return running.returncode

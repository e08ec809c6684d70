"""Starts a training as a person would: `spark-submit training/train.py`, in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from conf.commands import tail
from conf.settings import ROOT, Settings
from training.errors import TrainingError

# Java's second compiler costs a run this short more than it gains: 47 s instead of 58 s up to the first count, on 2 cores.
JAVA_OPTIONS = "-XX:TieredStopAtLevel=1"


def train(settings: Settings, origin: str) -> dict[str, Any]:
    """The summary of a finished training on the newest version.

    What the training says goes to the terminal, what Spark and MLflow say to a log. Raises `TrainingError` when it fails.
    """
    summary, log = settings.lake_home / "run" / "training.json", settings.lake_home / "logs" / "training.log"
    spark_submit = (str(Path(sys.prefix, "bin", "spark-submit")), "--driver-java-options", JAVA_OPTIONS)
    program = (str(ROOT / "training" / "train.py"), "--origin", origin, "--summary", str(summary))
    with log.open("w") as complaints:
        answer = subprocess.run([*spark_submit, *program], stderr=complaints, check=False)
    if answer.returncode:
        raise TrainingError(
            f"The training ended with exit code {answer.returncode}.\n{tail(log.read_text())}\nThe whole log: {log}"
        )
    return dict(json.loads(summary.read_text()))

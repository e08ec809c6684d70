"""Starts a training as a person would: `spark-submit training/train.py`, in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from conf.settings import ROOT, Settings
from training.errors import TrainingError


def train(settings: Settings, origin: str) -> dict[str, Any]:
    """The summary of a finished training on the newest version; what it says goes to the terminal.

    Raises `TrainingError` when it fails.
    """
    summary = settings.lake_home / "run" / "training.json"
    command = [Path(sys.prefix, "bin", "spark-submit"), ROOT / "training" / "train.py"]
    options = ["--origin", origin, "--summary", str(summary)]
    answer = subprocess.run([*map(str, command), *options], check=False)
    if answer.returncode:
        raise TrainingError(f"The training ended with exit code {answer.returncode}; what it said is above.")
    return dict(json.loads(summary.read_text()))

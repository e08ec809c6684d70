"""The archive of Spark's classes, read and checked once: a start of Spark then costs half the CPU."""

import subprocess
import sys

from conf import jvm
from conf.machine import ROOT


def made() -> bool:
    """Whether there is an archive of these jars."""
    archive = jvm.archive_path()
    return archive is not None and archive.exists()


def make() -> str:
    """Makes it, in a process of its own. Spark also starts without one, so what went wrong is returned, not raised."""
    command = [sys.executable, "-m", "conf.tools.spark_classes"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    said = answer.stderr.strip().splitlines()
    return "" if made() else said[-1] if said else f"{' '.join(command)} ended with {answer.returncode}"

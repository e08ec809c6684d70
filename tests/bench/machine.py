"""Where a benchmark ran: what its figures are worth nothing without."""

import os
import platform
from importlib.metadata import version
from subprocess import check_output
from typing import Any

import psutil

from conf.machine import ROOT

PACKAGES = ("pyspark", "delta-spark", "deltalake", "obstore", "pyarrow", "minio", "confluent-kafka")


def machine() -> dict[str, Any]:
    """Commit, versions and machine, for the raw results."""
    return {
        "commit": check_output(["git", "describe", "--always", "--dirty"], cwd=ROOT, text=True).strip(),
        "versions": {name: version(name) for name in PACKAGES},
        "machine": {
            "system": platform.platform(),
            "cores": os.cpu_count(),
            "memory MB": psutil.virtual_memory().total >> 20,
            "load average at the end": os.getloadavg(),
        },
    }

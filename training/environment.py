"""What a training computes with: the locked and the installed packages, Python, Java and the machine's platform."""

import hashlib
import platform
from importlib.metadata import version
from pathlib import Path

from pyspark.sql import SparkSession

from conf.machine import ROOT

# The packages that compute. The lock names more, and what is installed may differ from it.
PACKAGES = ("pyspark", "delta-spark", "numpy", "pandas", "pyarrow", "scikit-learn", "mlflow")


def here(spark: SparkSession, root: Path = ROOT) -> dict[str, str]:
    """`lock` (SHA-256 of `uv.lock` below `root`), `java`, `python`, `platform`, and the version of each of `PACKAGES`."""
    return {
        "lock": hashlib.sha256((root / "uv.lock").read_bytes()).hexdigest(),
        "java": _java(spark),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": platform.platform(),
        **{name.replace("-", "_"): version(name) for name in PACKAGES},
    }


def _java(spark: SparkSession) -> str:
    """The Java of the JVM that computes, whatever other Java the machine has."""
    system = spark.sparkContext._jvm.java.lang.System  # type: ignore[union-attr]  # noqa: SLF001  # the only way to it
    return f"{system.getProperty('java.vendor')} {system.getProperty('java.runtime.version')}"

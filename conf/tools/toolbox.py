"""What the local stack runs on, put into the folder once: jars, Java, MinIO, and Spark's link to its settings."""

import importlib.util
from pathlib import Path

from rich.console import Console

from conf.errors import ToolError
from conf.machine import ROOT
from conf.tools import class_archive, jars, java, minio

SPARK_FILES = ("spark-env.sh", "spark-defaults.conf", "log4j2.properties")


def install(console: Console) -> None:
    """All tools are in place. Does only what is still to be done. Raises `ToolError` or `JarError` with the remedy."""
    _link_spark_settings()
    if missing_jars := jars.missing():
        with console.status(f"Fetching {len(missing_jars)} jars"):
            jars.fetch(missing_jars)
        console.print(f"{len(missing_jars)} jars fetched and checked")
    if not java.installed():
        with console.status("Looking for Java"):
            found = java.install()
        console.print(f"Java: {found}")
    if not class_archive.made():
        with console.status("Reading Spark's classes once, so that it starts in half the time"):
            complaint = class_archive.make()
        console.print(
            f"Spark will start slowly: {complaint}"
            if complaint
            else "Spark's classes are read: it starts in half the time"
        )
    if not minio.installed():
        minio.build(console)
        console.print(f"MinIO built: {minio.BINARY}")


def require() -> None:
    """All tools are in place. Raises `ToolError`, which names what is missing."""
    missing = {
        "the link to Spark's settings": not all((_spark_settings() / name).exists() for name in SPARK_FILES),
        "the jars": bool(jars.missing()),
        "Java": not java.installed(),
        "MinIO": not minio.BINARY.exists(),
    }
    absent = [name for name, is_missing in missing.items() if is_missing]
    if absent:
        raise ToolError(f"Missing: {', '.join(absent)}. Type: make setup")


def _spark_settings() -> Path:
    spec = importlib.util.find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise ToolError("pyspark is not installed in this environment. Type: make setup")
    return Path(spec.origin).parent / "conf"


def _link_spark_settings() -> None:
    """A bare `spark-submit` reads our settings: Spark looks for them in the folder `conf` beside its scripts.

    File by file: a link to our whole folder, which is a Python package, would hide the module `pyspark.conf`.
    """
    folder = _spark_settings()
    folder.mkdir(exist_ok=True)
    for name in SPARK_FILES:
        link = folder / name
        link.unlink(missing_ok=True)
        link.symlink_to(ROOT / "conf" / name)

"""Launch options for the JVM of a Spark session: it starts in half the time, has room for its code, and ends when its memory is full."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

from conf.machine import ROOT, TOOLS, environment

# Without its second compiler a start of the query costs 17 CPU seconds instead of 30 (measured): Python does the work here.
# With one compiler Java keeps only 48 MB for compiled code, and Spark makes new code for as long as it runs. When that room is full, the thread
# that hands Python its rows can die, and Python waits for ever (seen after some 100 tests in one session). With two compilers it has 240.
COMPILER = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m"
# The thread that finds no memory may be one that hands Python its rows. It dies alone, and Python waits for ever; a process that ends is started again.
MEMORY = "-XX:+ExitOnOutOfMemoryError"

# The exercise that makes the archive: another one would give it other classes.
_EXERCISE = ROOT / "conf" / "tools" / "spark_classes.py"


def launch(options: str = "") -> dict[str, str]:
    """Spark's settings for a JVM that starts fast, or for one with these options."""
    return {"spark.driver.extraClassPath": class_path(), "spark.driver.extraJavaOptions": options or fast_options()}


def class_path() -> str:
    """The jars of Spark and ours, before all else that Spark puts on its class path.

    Spark's own order begins with its folder of settings, and Java keeps no archive of classes behind a folder that is not empty.
    """
    return ":".join(f"{folder}/*" for folder in _jar_folders())


def fast_options() -> str:
    """Java's options, with the archive of classes where set-up has made one of exactly these jars."""
    archive = archive_path()
    shared = [f"-XX:SharedArchiveFile={archive}"] if archive and archive.exists() else []
    return " ".join([COMPILER, MEMORY, *shared])


def archive_path() -> Path | None:
    """The path of the class archive for these jars and this Java; None where no Java is found.

    Its name depends on what it was made of, and by what: Java would refuse one of other jars, with a warning at each start.
    """
    home = TOOLS / "java" if (TOOLS / "java").exists() else Path(environment("JAVA_HOME").get("JAVA_HOME", ""))
    java = home / "lib" / "server" / "libjvm.so"
    if not java.exists():
        return None
    jars = [jar for folder in _jar_folders() for jar in sorted(folder.glob("*.jar"))]
    made_of = "\n".join([*(_told(path) for path in (java.resolve(), *jars)), _EXERCISE.read_text()])
    return (TOOLS / "java-classes").resolve() / f"{hashlib.sha256(made_of.encode()).hexdigest()[:16]}.jsa"


def _jar_folders() -> list[Path]:
    """The folders by their real names: through a link, Java would take the same jar for another."""
    spark = find_spec("pyspark")
    if spark is None or spark.origin is None:
        raise ModuleNotFoundError("pyspark is not installed in this environment")
    return [(Path(spark.origin).parent / "jars").resolve(), (TOOLS / "jars" / "spark").resolve()]


def _told(path: Path) -> str:
    state = path.stat()
    return f"{path} {state.st_size} {int(state.st_mtime)}"

"""The code that a result depends on: its files and their digests, and the commit that it came from."""

import ast
import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

from conf.machine import ROOT, environment

# A training's rows, scores and model follow from these. What they import from `conf` only finds and opens tables: the digest of the
# rows says whether it found the right ones.
STARTS = ("dataset", "fitting")
SETTINGS = "conf/spark-defaults.conf"
# Set where an image is built: there is no git in a container.
COMMIT = "CODE_COMMIT"
UNKNOWN = "unknown"


def digests(root: Path = ROOT) -> dict[str, str]:
    """SHA-256 by path below `root`: Spark's settings, and each module of `training` that `STARTS` import, however indirectly."""
    modules = (f"training/{name}.py" for name in sorted(_reached(root / "training")))
    return {path: hashlib.sha256((root / path).read_bytes()).hexdigest() for path in (SETTINGS, *modules)}


def commit(root: Path = ROOT) -> str:
    """The commit of the clone, with `-dirty` appended where a file differs from it; in an image, what its build was told.

    `unknown` where neither says anything.
    """
    told = environment(COMMIT).get(COMMIT)
    if told or not (root / ".git").exists():
        return told or UNKNOWN
    describe = ("git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
    try:
        found = subprocess.run(describe, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return UNKNOWN
    return found.stdout.strip() or UNKNOWN


def _reached(folder: Path) -> set[str]:
    found: set[str] = set()
    waiting = list(STARTS)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(one for one in _imports(folder / f"{name}.py") if (folder / f"{one}.py").exists())
    return found


def _imports(file: Path) -> Iterator[str]:
    """The modules of `training` that a file names in its imports."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "training":
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("training."):
            yield node.module.removeprefix("training.")
        elif isinstance(node, ast.Import):
            yield from (one.name.removeprefix("training.") for one in node.names if one.name.startswith("training."))

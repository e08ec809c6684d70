"""The pinned jars, fetched once from the Maven repository and checked by sha256.

jgo does the downloading: it knows the repository and shares Maven's cache, so a second clone needs no network.
"""

import hashlib
import os
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from jgo.maven import MavenContext
from tenacity import retry, stop_after_attempt, wait_exponential_jitter

from conf.errors import LakeError
from conf.machine import TOOLS

LOCK = Path(__file__).with_name("jars.lock")
FOLDER = TOOLS / "jars"


class JarError(LakeError):
    """A jar could not be fetched, or is not the one that was pinned; the message names it."""


class Jar(NamedTuple):
    """One line of the lock."""

    class_path: str
    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def path(self) -> Path:
        return FOLDER / self.class_path / f"{self.artifact}-{self.version}.jar"


def pinned() -> list[Jar]:
    """The jars of the lock, in its order."""
    return [_jar(line) for line in LOCK.read_text().splitlines() if not line.startswith("#")]


def _jar(line: str) -> Jar:
    class_path, coordinate, sha256 = line.split()
    group, artifact, version = coordinate.split(":")
    return Jar(class_path, group, artifact, version, sha256)


def missing() -> list[Jar]:
    """The pinned jars that are not in place yet."""
    return [jar for jar in pinned() if not jar.path.exists()]


def fetch(jars: Iterable[Jar]) -> None:
    """Put each jar in place, with exactly the pinned bytes. Raises `JarError`."""
    maven = MavenContext(timeout=60)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda jar: _place(maven, jar), jars))


# A repository that is asked for dozens of files sometimes cuts a connection.
@retry(stop=stop_after_attempt(5), wait=wait_exponential_jitter(), reraise=True)
def _downloaded(maven: MavenContext, jar: Jar) -> Path:
    return Path(maven.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve())


def _place(maven: MavenContext, jar: Jar) -> None:
    coordinate = f"{jar.group}:{jar.artifact}:{jar.version}"
    try:
        cached = _downloaded(maven, jar)
    except Exception as error:  # jgo raises whatever its HTTP layer raises
        raise JarError(f"{coordinate} could not be fetched: {error}. Is the Maven repository reachable?") from error
    body = cached.read_bytes()
    found = hashlib.sha256(body).hexdigest()
    if found != jar.sha256:
        cached.unlink()
        raise JarError(f"{coordinate} has sha256 {found}, pinned is {jar.sha256}. The copy was removed; try again.")
    jar.path.parent.mkdir(parents=True, exist_ok=True)
    partial = jar.path.with_suffix(".partial")
    partial.write_bytes(body)
    os.replace(partial, jar.path)


if __name__ == "__main__":
    # `python -m conf.tools.jars kafka`: the jars of one class path, for the image that needs no others.
    fetch(jar for jar in missing() if jar.class_path in sys.argv[1:])

"""The Java that Spark and Kafka run on: the machine's own where it fits, else the distribution's, unpacked in the folder."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from conf.errors import ToolError
from conf.machine import TOOLS, environment

HOME = TOOLS / "java"
"""A link to the Java that set-up decided on; `conf/spark-env.sh` and the services use it."""

VERSIONS = ("17", "21")


def installed() -> bool:
    """Whether set-up has decided on a Java that is still there."""
    return (HOME / "bin" / "java").exists()


def install() -> str:
    """`HOME` points to a Java that runs Spark. Returns its path. Raises `ToolError` with the command to type."""
    found = _on_this_machine()
    if found is None:
        found = _unpack(TOOLS / "java-pkg")
    HOME.unlink(missing_ok=True)
    HOME.symlink_to(os.path.relpath(found, TOOLS) if found.is_relative_to(TOOLS) else found)
    return str(found)


def fitting_home(java: Path) -> Path | None:
    """The home of this `java`, or None when Spark or Kafka would not run on it.

    Spark's launcher asks for the module `jdk.incubator.vector`, which trimmed run-times lack.
    """
    command = [str(java), "-XshowSettings:properties", "--add-modules=jdk.incubator.vector", "-version"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except OSError:
        return None
    properties = dict(re.findall(r"^ *(java\.home|java\.specification\.version) = (.*)$", answer.stderr, re.MULTILINE))
    if answer.returncode or properties.get("java.specification.version") not in VERSIONS:
        return None
    return Path(properties["java.home"])


def _on_this_machine() -> Path | None:
    named = environment("JAVA_HOME").get("JAVA_HOME")
    candidates = [Path(named, "bin", "java") if named else None, shutil.which("java")]
    homes = (fitting_home(Path(java)) for java in candidates if java)
    return next((home for home in homes if home), None)


def _unpack(target: Path) -> Path:
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.rmtree(target, ignore_errors=True)
    partial.mkdir(parents=True)
    archive = _download(partial)
    subprocess.run(["dpkg", "-x", archive, partial], check=True)
    archive.unlink()
    _point_links_inside(partial)
    partial.rename(target)
    homes = (fitting_home(java) for java in target.glob("usr/lib/jvm/*/bin/java"))
    home = next((home for home in homes if home), None)
    if home is None:
        raise ToolError(f"The Java unpacked from {archive.name} does not run here. {_remedy()}")
    return home


def _download(folder: Path) -> Path:
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise ToolError(f"No Java {' or '.join(VERSIONS)} was found (JAVA_HOME, PATH). {_remedy()}")
    said = ""
    for version in VERSIONS:
        package = f"openjdk-{version}-jre-headless"
        command = ["apt-get", "download", package]
        answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        archive = next(folder.glob("*.deb"), None)
        if answer.returncode == 0 and archive:
            return archive
        said = said or answer.stderr.strip()
    raise ToolError(
        f"No Java {' or '.join(VERSIONS)} was found (JAVA_HOME, PATH), and apt-get could not fetch one: "
        f"{said.splitlines()[-1] if said else 'no answer'}. {_remedy()}"
    )


def _point_links_inside(folder: Path) -> None:
    """The package's links into /etc lead to its own copy in `folder`; relative, so that `folder` can be moved."""
    for link in (path for path in folder.rglob("*") if path.is_symlink()):
        inside = folder / os.readlink(link).lstrip("/")
        if os.readlink(link).startswith("/etc/") and inside.exists():
            link.unlink()
            link.symlink_to(os.path.relpath(inside, link.parent))


def _remedy() -> str:
    if shutil.which("apt-get"):
        command = "sudo apt-get update && sudo apt-get install openjdk-17-jre-headless (or openjdk-21-jre-headless)"
    elif shutil.which("dnf"):
        command = "sudo dnf install java-21-openjdk-headless"
    elif shutil.which("brew"):
        command = "brew install openjdk@17, then export JAVA_HOME=$(brew --prefix openjdk@17)"
    else:
        command = "your package manager's command for OpenJDK 17"
    return f"Type: {command}; then `make setup` again."

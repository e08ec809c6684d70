"""The stack's processes, found by a mark in their environment, and the process that holds a port."""

import contextlib
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import psutil

from conf.machine import TOOLS, environment
from conf.settings import Settings

MARK = "LAKE_STACK"
"""Set for everything that a stack starts, to the stack's home; children inherit it, orphans keep it."""

MACHINE = ("HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR")


def process_environment(settings: Settings, own: Mapping[str, str]) -> dict[str, str]:
    """The environment of a stack process: the machine's variables, the stack's home and mark, and the process's own."""
    tools = (Path(sys.prefix, "bin"), TOOLS / "bin", TOOLS / "java" / "bin")
    path = ":".join([*map(str, tools), environment("PATH").get("PATH", "/usr/bin:/bin")])
    home = str(settings.home)
    # SPT_NOENV: a process that renames itself would otherwise overwrite the environment in which the mark is.
    ours = {"PATH": path, "LAKE_HOME": home, MARK: home, "SPT_NOENV": "1", "PYTHONUNBUFFERED": "1"}
    return {**environment(*MACHINE), **ours, **own}


def of_stack(home: Path) -> list[psutil.Process]:
    """Every living process of the stack, this one and its ancestors left out."""
    own = {psutil.Process().pid, *(parent.pid for parent in psutil.Process().parents())}
    return [process for process in psutil.process_iter() if process.pid not in own and _stack_of(process) == str(home)]


def end(processes: Iterable[psutil.Process], patience: float) -> list[psutil.Process]:
    """Asks each to stop and kills those that have not after `patience` seconds. Returns those still there."""
    asked = list(processes)
    for process in asked:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, stubborn = psutil.wait_procs(asked, timeout=patience)
    for process in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    return psutil.wait_procs(stubborn, timeout=5)[1]


def group_of(leader: int) -> list[psutil.Process]:
    """Every process of the group that this process leads, or led."""
    return [process for process in psutil.process_iter() if _group(process.pid) == leader]


def holder(port: int) -> psutil.Process | None:
    """The process that listens on `port`, where this account may know it."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return None
    held_by = (c.pid for c in connections if c.status == psutil.CONN_LISTEN and c.laddr and c.laddr.port == port)
    pid = next((pid for pid in held_by if pid), None)
    try:
        return psutil.Process(pid) if pid else None
    except psutil.NoSuchProcess:
        return None


def belongs(process: psutil.Process, home: Path) -> bool:
    """Whether the stack of this home started the process."""
    return _stack_of(process) == str(home)


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except OSError:
        return None


def _stack_of(process: psutil.Process) -> str | None:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return process.environ().get(MARK)
    except (psutil.Error, OSError):
        # It has ended, or is another account's.
        return None

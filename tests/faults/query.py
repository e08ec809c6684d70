"""The streaming query as a process that is started again when it ends, killed in parts, stopped and continued."""

import contextlib
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import httpx
import psutil

from conf.local.processes import of_stack, process_environment
from conf.machine import ROOT
from conf.settings import Settings
from tests.faults.proxy import Proxy
from tests.faults.waiting import comes, until
from tests.stack.servers import part

Victim = Literal["tree", "jvm", "driver", "workers"]
PAUSE_SECONDS = 0.5
"""What a supervisor waits before it starts the query again."""
ENDING_SECONDS = 5
"""For the JVM, which ends when it sees that the driver is gone."""


@dataclass
class Query:
    """One query with a home, a checkpoint and a proxy of its own; runs while it is entered."""

    settings: Settings
    """Those of the query: its MinIO is the proxy."""
    proxy: Proxy
    more: dict[str, str] = field(default_factory=dict)
    """Further variables of its environment."""
    exits: list[int] = field(default_factory=list)
    """How its driver ended, each time that it was not stopped."""
    last_exit: int | None = None
    """How it ended the last time."""
    left_over: list[str] = field(default_factory=list)
    """What was still there when it had ended on being asked to."""
    _driver: "subprocess.Popen[bytes] | None" = None
    _ended: threading.Event = field(default_factory=threading.Event)
    _keeper: threading.Thread = field(default_factory=threading.Thread)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.thaw()
        self.stop()

    @property
    def log(self) -> Path:
        """All that it printed, over all its starts."""
        return self.settings.home / "query.log"

    @property
    def checkpoint(self) -> Path:
        return self.settings.checkpoint

    def start(self) -> None:
        """It runs from now on, and is started again whenever it ends."""
        self._ended = threading.Event()
        self._keeper = threading.Thread(target=self._keep, args=(self._ended,), name="keeper", daemon=True)
        self._keeper.start()

    def stop(self, *, kill: bool = True) -> None:
        """It does not run any more and is not started again: killed, or asked by SIGTERM."""
        self._ended.set()
        if not kill and self._driver:
            self._driver.terminate()
            self._keeper.join(60)
            comes(lambda: not self.processes("tree"), ENDING_SECONDS)
            self.left_over = [process.name() for process in self.processes("tree")]
        while self._keeper.is_alive():
            # It may be about to start the driver once more.
            self.kill("tree")
            self._keeper.join(PAUSE_SECONDS)
        self.kill("tree")

    def kill(self, victim: Victim) -> None:
        """`kill -9`. The driver and the JVM die first: the rest takes a while to be found."""
        if victim == "tree":
            _send(signal.SIGKILL, [self.driver(), *self._children()])
        _send(signal.SIGKILL, self.processes(victim))

    def freeze(self) -> None:
        """SIGSTOP to all of it."""
        _send(signal.SIGSTOP, [self.driver(), *self._children()])
        _send(signal.SIGSTOP, self.processes("tree"))

    def thaw(self) -> None:
        """SIGCONT to all of it."""
        _send(signal.SIGCONT, self.processes("tree"))

    def driver(self) -> psutil.Process | None:
        """The Python driver that runs at the moment."""
        return _process(self._driver.pid) if self._driver else None

    def processes(self, victim: Victim) -> list[psutil.Process]:
        """The living processes of that part."""
        found = [process for process in of_stack(self.settings.home) if process.is_running()]
        return [process for process in found if victim in ("tree", self.part(process))]

    def await_ready(self) -> None:
        """A micro-batch can begin: Spark shows the query."""
        url = f"http://127.0.0.1:{self.settings.spark.ui_port}/StreamingQuery/"
        until(lambda: "Active Streaming Queries (1)" in _page(url), f"{url} shows no query; see {self.log}")

    def part(self, process: psutil.Process) -> str:
        """Which part of the query it is."""
        if self._driver and process.pid == self._driver.pid:
            return "driver"
        with contextlib.suppress(psutil.Error):
            # Not by its name: what Java is about to start has all of Java's memory for a moment, and the name of a thread.
            return "jvm" if "java" in "".join(process.cmdline()[:1]) else "workers"
        return "gone"

    def _children(self) -> list[psutil.Process]:
        driver = self.driver()
        with contextlib.suppress(psutil.Error):
            return driver.children() if driver else []
        return []

    def _keep(self, ended: threading.Event) -> None:
        service = part(self.settings, "streaming")
        # Not the installed code, when the tests run in a copy of the tree.
        code = {"PYTHONPATH": str(ROOT)}
        variables = process_environment(self.settings, service.environment) | code | self.more
        while not ended.is_set():
            with self.log.open("a") as out:
                self._driver = subprocess.Popen(service.command, env=variables, stdout=out, stderr=out, cwd=ROOT)
                self.last_exit = self._driver.wait()
            if not ended.is_set():
                self.exits.append(self.last_exit)
            ended.wait(PAUSE_SECONDS)


def make_home(home: Path, credentials_of: Path) -> Path:
    """A home for a query, with the credentials of the stack."""
    for folder in ("run", "logs", "state"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    shutil.copytree(credentials_of / "secrets", home / "secrets", dirs_exist_ok=True)
    return home


def _send(what: signal.Signals, processes: Iterable[psutil.Process | None]) -> None:
    for process in processes:
        if process:
            with contextlib.suppress(psutil.Error, ProcessLookupError):
                os.kill(process.pid, what)


def _process(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None


def _page(url: str) -> str:
    try:
        return httpx.get(url, timeout=5, trust_env=False, follow_redirects=True).text
    except httpx.HTTPError:
        return ""

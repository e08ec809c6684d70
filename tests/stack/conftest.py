"""One stack of real services for all stack tests: ports, state and credentials of its own, beside any other stack."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from _pytest.monkeypatch import MonkeyPatch

from conf.machine import ROOT
from conf.settings import Settings, load
from conf.settings.groups import values
from streaming.audit.arrival import arrivals
from tests.stack.ports import free_ports

BIN = ROOT / ".venv" / "bin"
PORTS = tuple(name for name in values({}) if name.endswith("_PORT"))


@dataclass(frozen=True)
class Stack:
    """A running stack, used through the commands that a person has."""

    home: Path
    variables: dict[str, str]
    """Where it is, as variables of the environment."""

    @cached_property
    def settings(self) -> Settings:
        return load()

    def where(self, **variables: str) -> "Stack":
        """The same stack, asked with other settings."""
        return replace(self, variables=self.variables | variables)

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """One command of the environment, as a person would type it."""
        words = [str(BIN / command[0]), *command[1:]]
        environment = os.environ | self.variables
        answer = subprocess.run(words, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
        assert not check or answer.returncode == 0, f"{' '.join(command)}\n{answer.stdout}\n{answer.stderr}"
        return answer

    def audit(self) -> dict[str, Any]:
        return dict(json.loads(self.run("lake", "audit", "--json", check=False).stdout))

    def wait(self) -> None:
        """All that the source has is landed, and all that is landed has its outcome."""
        for _ in arrivals(self.settings):
            pass

    def train(self, folder: Path, *options: str) -> dict[str, Any]:
        """`spark-submit training/train.py` with these options, in a fresh shell that knows this stack; its summary."""
        summary = folder / "summary.json"
        command = ["spark-submit", "training/train.py", "--summary", str(summary), *options]
        bare = self.variables | {"HOME": os.environ["HOME"], "PATH": f"{BIN}:/usr/bin:/bin"}
        answer = subprocess.run(command, env=bare, cwd=ROOT, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return dict(json.loads(summary.read_text()))


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    home = ROOT / ".lake" / "test"
    ports = {name: str(port) for name, port in zip(PORTS, free_ports(len(PORTS)), strict=True)}
    schedule = {"LANDING_SCHEDULE": "every 10 seconds", "LANDING_PAGES_PER_RUN": "20"}
    schedule |= {"STREAM_RECONCILE_SECONDS": "5"}
    variables = {"LAKE_HOME": str(home), **ports, **schedule}
    running = Stack(home, variables)
    with MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        running.run("lake", "down", check=False)
        shutil.rmtree(home, ignore_errors=True)
        running.run("lake", "up")
        try:
            yield running
        finally:
            running.run("lake", "down")

"""A real supervisord brings real programs up: in order, or with one clear error and nothing left running."""

import asyncio
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from conf.errors import StackError
from conf.first_start import secrets
from conf.local import processes, shutdown, stack
from conf.local.startup import start
from conf.local.supervision import Supervisor
from conf.machine import ROOT
from conf.settings import Settings, load
from tests.unit.served import service

# supervisor's client leaves it to Python to close its sockets.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket.*:ResourceWarning")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Those of a stack in a folder of its own."""
    monkeypatch.setenv("LAKE_HOME", str(tmp_path))
    for folder in ("run", "logs"):
        (tmp_path / folder).mkdir()
    secrets.for_home(tmp_path)
    return load()


@pytest.fixture
def supervisor(settings: Settings) -> Iterator[Supervisor]:
    """Not launched yet; whatever it still runs is stopped at the end."""
    one = Supervisor(settings)
    yield one
    shutdown.stop(one, settings, [])


def test_a_service_that_dies_is_named_with_what_it_said_this_time(settings: Settings, supervisor: Supervisor) -> None:
    supervisor.log("dying").write_text("what it said last week\n")
    dying = service("dying", sys.executable, "-c", "raise SystemExit('no dataset here')")
    supervisor.launch([dying])
    with pytest.raises(StackError, match="dying ended while it started") as refused:
        asyncio.run(start(supervisor, settings, [dying], Console()))
    assert "no dataset here" in str(refused.value)
    assert "last week" not in str(refused.value)
    assert str(supervisor.log("dying")) in str(refused.value)


def test_a_program_that_is_not_there_is_named(settings: Settings, supervisor: Supervisor) -> None:
    absent = service("absent", "no-such-program")
    supervisor.launch([absent])
    with pytest.raises(StackError, match=r"absent cannot be started: .*no-such-program"):
        asyncio.run(start(supervisor, settings, [absent], Console()))


def test_a_task_that_is_not_there_is_named(settings: Settings, supervisor: Supervisor) -> None:
    task = replace(service("absent", "no-such-program"), stays=False)
    with pytest.raises(StackError, match=r"absent cannot be started: .*no-such-program"):
        asyncio.run(start(supervisor, settings, [task], Console()))


LAUNCH = """
import sys
from conf.local.supervision import Supervisor
from conf.settings import load
from tests.unit.served import service
Supervisor(load()).launch([service("sleeping", sys.executable, "-c", "import time; time.sleep(600)")])
"""


@pytest.fixture
def sleeping(settings: Settings, supervisor: Supervisor) -> Supervisor:
    """It runs a service that sleeps, and was launched by a process that has ended, as `lake up` has."""
    subprocess.run([sys.executable, "-c", LAUNCH], cwd=ROOT, check=True)
    supervisor.start("sleeping")
    while not any("sleep(600)" in " ".join(one.cmdline()) for one in processes.of_stack(settings.home)):
        time.sleep(0.1)  # the test's own time limit ends the wait
    return supervisor


def test_after_a_stop_no_process_is_left(settings: Settings, sleeping: Supervisor) -> None:
    shutdown.stop(sleeping, settings, [])
    assert processes.of_stack(settings.home) == []


@pytest.mark.usefixtures("sleeping")
def test_down_ends_a_stack_whose_files_are_gone(settings: Settings) -> None:
    shutil.rmtree(settings.home)
    stack.down(Console())
    assert processes.of_stack(settings.home) == []


@pytest.mark.usefixtures("sleeping")
@pytest.mark.parametrize("value", ["abc", "70000"])
def test_down_works_with_a_port_that_is_none(settings: Settings, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARK_HISTORY_PORT", value)
    with pytest.raises(StackError, match=f"SPARK_HISTORY_PORT='{value}': a port is a whole number from 1 to 65535"):
        stack.status()
    stack.down(Console())
    assert processes.of_stack(settings.home) == []


LAKE = f"""#!/bin/sh
exec {sys.executable} {ROOT / "lake.py"} "$@"
"""


def test_clean_stops_every_stack_of_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their files would go away under them."""
    home = tmp_path / ".lake" / "a folder" / "other"
    monkeypatch.setenv("LAKE_HOME", str(home))
    for folder in (home / "run", home / "logs", tmp_path / ".venv" / "bin"):
        folder.mkdir(parents=True)
    secrets.for_home(home)
    lake = tmp_path / ".venv" / "bin" / "lake"
    lake.write_text(LAKE)
    lake.chmod(0o755)
    subprocess.run([sys.executable, "-c", LAUNCH], cwd=ROOT, check=True)
    monkeypatch.delenv("LAKE_HOME")
    subprocess.run(["make", "-f", str(ROOT / "Makefile"), "clean"], cwd=tmp_path, check=True)
    left = processes.of_stack(home)
    processes.end(left, patience=5)
    assert not (tmp_path / ".lake").exists()
    assert left == []

"""A real supervisord brings real programs up: in order, or with one clear error and nothing left running."""

import asyncio
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from conf.errors import StackError
from conf.first_start import secrets
from conf.local import processes, shutdown
from conf.local.startup import start
from conf.local.supervision import Supervisor
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


def test_after_a_stop_no_process_is_left(settings: Settings, supervisor: Supervisor) -> None:
    sleeping = service("sleeping", sys.executable, "-c", "import time; time.sleep(600)")
    supervisor.launch([sleeping])
    supervisor.start("sleeping")
    while not any("sleep(600)" in " ".join(one.cmdline()) for one in processes.of_stack(settings.home)):
        time.sleep(0.1)  # the test's own time limit ends the wait
    shutdown.stop(supervisor, settings, [sleeping])
    assert processes.of_stack(settings.home) == []

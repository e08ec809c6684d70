"""A real supervisord brings real programs up: in order, or with one clear error and nothing left running."""

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from conf import credentials, processes, shutdown
from conf.errors import StackError
from conf.readiness import page
from conf.services import Service
from conf.settings import Settings, load
from conf.startup import start
from conf.supervision import Supervisor

# supervisor's client leaves it to Python to close its sockets.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket.*:ResourceWarning")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Those of a stack in a folder of its own."""
    monkeypatch.setenv("LAKE_HOME", str(tmp_path))
    for folder in ("run", "logs"):
        (tmp_path / folder).mkdir()
    credentials.ensure(tmp_path)
    return load()


@pytest.fixture
def supervisor(settings: Settings) -> Iterator[Supervisor]:
    """Not launched yet; whatever it still runs is stopped at the end."""
    one = Supervisor(settings)
    yield one
    shutdown.stop(one, settings, [])


def test_a_service_that_dies_is_named_with_what_it_said_this_time(supervisor: Supervisor) -> None:
    supervisor.log("dying").write_text("what it said last week\n")
    dying = Service(
        "dying", (sys.executable, "-c", "raise SystemExit('no dataset here')"), page("http://127.0.0.1:9/never")
    )
    supervisor.launch([dying])
    with pytest.raises(StackError, match="dying ended while it started") as refused:
        asyncio.run(start(supervisor, [dying], Console()))
    assert "no dataset here" in str(refused.value)
    assert "last week" not in str(refused.value)
    assert str(supervisor.log("dying")) in str(refused.value)


def test_after_a_stop_no_process_is_left(settings: Settings, supervisor: Supervisor) -> None:
    sleeping = Service("sleeping", (sys.executable, "-c", "import time; time.sleep(600)"), page("http://127.0.0.1:9/"))
    supervisor.launch([sleeping])
    supervisor.start("sleeping")
    while not any("sleep(600)" in " ".join(one.cmdline()) for one in processes.of_stack(settings.lake_home)):
        time.sleep(0.1)  # the test's own time limit ends the wait
    shutdown.stop(supervisor, settings, [sleeping])
    assert processes.of_stack(settings.lake_home) == []

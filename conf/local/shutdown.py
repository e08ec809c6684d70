"""Takes the parts of a stack down: each when nothing needs it any more, then supervisord, then what is left over."""

import asyncio
import time
from collections.abc import Sequence

from conf.errors import StackError
from conf.local import processes
from conf.local.definition import Service
from conf.local.supervision import Supervisor
from conf.settings import Settings


def stop(supervisor: Supervisor, settings: Settings, everything: Sequence[Service]) -> None:
    """No process of the stack is left. Raises `StackError`, which names those that cannot be ended."""
    if supervisor.answers():
        known = supervisor.states()
        asyncio.run(_stop_in_order(supervisor, everything, [name for name in known if known[name].name != "STOPPED"]))
        supervisor.shut_down()
        _wait_until_silent(supervisor)
    left = processes.end(processes.of_stack(settings.home), patience=5)
    if left:
        raise StackError(f"Still running: {', '.join(f'{p.pid} ({p.name()})' for p in left)}. Type: kill -9 PID")


def _wait_until_silent(supervisor: Supervisor) -> None:
    patience = time.monotonic() + 10
    while supervisor.answers() and time.monotonic() < patience:
        time.sleep(0.1)


async def _stop_in_order(supervisor: Supervisor, everything: Sequence[Service], running: Sequence[str]) -> None:
    """A service is stopped when all that need it have stopped."""
    stopped = {part.name: asyncio.Event() for part in everything}

    async def stop_one(part: Service) -> None:
        for other in everything:
            if part.name in other.needs:
                await stopped[other.name].wait()
        if part.name in running:
            supervisor.stop(part.name)
            while supervisor.states()[part.name].name in {"STARTING", "RUNNING", "STOPPING", "BACKOFF"}:
                await asyncio.sleep(0.1)
        stopped[part.name].set()

    async with asyncio.TaskGroup() as group:
        for part in everything:
            group.create_task(stop_one(part))

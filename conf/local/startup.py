"""Brings up the parts of a stack in parallel, each as soon as what it needs is ready."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from conf.errors import LakeError, StackError
from conf.local.definition import Service
from conf.local.health import is_ready
from conf.local.supervision import Supervisor
from conf.local.tasks import run
from conf.settings import Settings
from conf.terminal import tail

PATIENCE = 600
"""Seconds for one service: many times the usual, for a machine that has much else to do or nothing in its page cache."""


async def start(supervisor: Supervisor, settings: Settings, parts: Sequence[Service], console: Console) -> None:
    """Every part is ready. Raises the first `LakeError`; the caller stops what runs by then."""
    ready = {part.name: asyncio.Event() for part in parts}

    with console.status("") as progress:

        def show() -> None:
            progress.update(f"Waiting for {', '.join(name for name, event in ready.items() if not event.is_set())}")

        async def bring_up(part: Service) -> None:
            for need in part.needs:
                await ready[need].wait()
            since = time.monotonic()
            if not part.stays:
                await run(settings, part)
            elif await _start(supervisor, part):
                console.print(f"{part.name} ready after {time.monotonic() - since:.1f} s")
            ready[part.name].set()
            show()

        show()
        try:
            async with asyncio.TaskGroup() as group:
                for part in parts:
                    group.create_task(bring_up(part))
        except* LakeError as errors:
            raise errors.exceptions[0] from None


async def _start(supervisor: Supervisor, service: Service) -> bool:
    """Whether it had to be started."""
    state = supervisor.states()[service.name]
    log = supervisor.log(service.name)
    earlier = log.stat().st_size if log.exists() and not state.alive else 0
    if state.name == "BACKOFF":
        supervisor.stop(service.name)
    if not state.alive:
        supervisor.start(service.name)
    deadline = time.monotonic() + PATIENCE
    first = supervisor.states()[service.name]
    while True:
        now = supervisor.states()[service.name]
        if not now.alive or now.pid != first.pid:
            raise StackError(_complaint(service, log, earlier, "ended while it started"))
        if await is_ready(service, now.started):
            return not state.alive
        if time.monotonic() > deadline:
            raise StackError(_complaint(service, log, earlier, f"was not ready within {PATIENCE} s"))
        await asyncio.sleep(0.3)


def _complaint(service: Service, log: Path, earlier: int, what: str) -> str:
    """The complaint, with what the service said since this start: the log's first `earlier` bytes are older."""
    said = log.read_bytes()[earlier:].decode(errors="replace") if log.exists() else ""
    return (
        f"{service.name} {what}. The last lines of its log:\n{tail(said) or '(nothing)'}\n"
        f"The whole log: {log}. When the cause is removed, type `make demo` or `lake up` again."
    )

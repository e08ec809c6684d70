"""The local stack as a whole: up, down, status. It is up as a whole or not at all."""

import asyncio
import contextlib
import fcntl
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from conf.errors import LakeError, StackError
from conf.first_start import secrets
from conf.local import processes
from conf.local.definition import Service, on_this_machine
from conf.local.health import is_ready
from conf.local.interruption import interruptible, undisturbed
from conf.local.ports import require_distinct, require_free
from conf.local.shutdown import stop
from conf.local.startup import start
from conf.local.supervision import Supervisor
from conf.machine import HOST, ROOT, environment
from conf.settings import Settings, load
from conf.settings.groups import values
from conf.tools import toolbox


class Condition(NamedTuple):
    """The state of one service."""

    service: str
    state: str
    ready: bool
    pid: int
    url: str | None
    log: str


def parts(settings: Settings) -> list[Service]:
    """All that a stack with these settings consists of on this machine."""
    local = {"LAKE_LOCAL_HOST": HOST, "LAKE_LOCAL_HOME": str(settings.home), "LAKE_LOCAL_CLONE": str(ROOT)}
    local["SECRETS"] = str(settings.home / "secrets")
    # A setting that only a block uses needs no field in a group.
    return on_this_machine(environment() | values(environment()) | settings.variables() | local)


def up(console: Console) -> Settings:
    """Every service runs with the settings as they stand now and has shown that it is ready. Returns the settings.

    Raises `LakeError`. When something fails on the way, or the user interrupts, all of the stack is stopped again.
    """
    toolbox.require()
    home = load().home
    for folder in ("run", "logs", "state"):
        (home / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    secrets.for_home(home)
    settings = load()
    secrets.refuse_others(environment(*secrets.NAMES), home / "secrets")
    everything = parts(settings)
    supervisor = Supervisor(settings)
    with _alone(home), interruptible():
        _require_ports(supervisor, settings, _services(everything))
        try:
            _define(supervisor, _services(everything))
            asyncio.run(start(supervisor, settings, everything, console))
        except BaseException:
            console.print("Stopping the stack")
            with undisturbed():
                stop(supervisor, settings, everything)
            raise
    return settings


def down(console: Console) -> None:
    """Nothing of the stack runs any more, orphans of an earlier one included. Raises `StackError`, which names what does.

    This works even when a definition cannot be read: supervisor then stops its services in any order.
    """
    settings = load()
    with _alone(settings.home), console.status("Stopping the stack"):
        stop(Supervisor(settings), settings, _known_parts(settings))


def status() -> list[Condition]:
    """The state of each service at this moment."""
    settings = load()
    if not _has_secrets(settings):
        return []
    return asyncio.run(_status(settings))


def _has_secrets(settings: Settings) -> bool:
    return (settings.home / "secrets").exists()


def _known_parts(settings: Settings) -> list[Service]:
    try:
        return parts(settings)
    except LakeError:
        return []


def _services(everything: Sequence[Service]) -> list[Service]:
    return [part for part in everything if part.stays]


def _require_ports(supervisor: Supervisor, settings: Settings, wanted: Sequence[Service]) -> None:
    """Every port is free or held by the stack itself. If one is not, a running stack is left alone."""
    ports = {name: port for service in wanted for name, port in service.ports.items()}
    require_distinct(ports)
    if not supervisor.answers():
        # Orphans of a stack whose supervisord was killed would hold its ports and data.
        processes.end(processes.of_stack(settings.home), patience=10)
    require_free(ports, settings.home)


def _define(supervisor: Supervisor, wanted: Sequence[Service]) -> None:
    """supervisord runs with these definitions."""
    if supervisor.answers():
        supervisor.update(wanted)
    else:
        supervisor.launch(wanted)


async def _is_ready(service: Service, started: datetime) -> bool:
    try:
        return await is_ready(service, started)
    except StackError:
        return False


async def _status(settings: Settings) -> list[Condition]:
    supervisor = Supervisor(settings)
    states = supervisor.states() if supervisor.answers() else {}

    async def condition(service: Service) -> Condition:
        state = states.get(service.name)
        ready = state is not None and state.alive and await _is_ready(service, state.started)
        log = str(supervisor.log(service.name))
        if state is None:
            return Condition(service.name, "STOPPED", False, 0, service.page, log)
        return Condition(service.name, state.name, ready, state.pid, service.page, log)

    return await asyncio.gather(*(condition(service) for service in _services(parts(settings))))


@contextlib.contextmanager
def stopped_on_failure(console: Console) -> Iterator[None]:
    """When the block fails or is interrupted, nothing of the stack runs afterwards."""
    with interruptible():
        try:
            yield
        except BaseException:
            with undisturbed():
                down(console)
            raise


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    """No other command changes this stack meanwhile. Without a folder `run` none does: `lake up` makes it first."""
    if not (home / "run").exists():
        yield
        return
    with (home / "run" / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(
                f"Another `lake up` or `lake down` is at work on {home}. Wait for it, or stop it."
            ) from None
        yield

"""The local stack as a whole: up, down, status. It is up as a whole or not at all."""

import asyncio
import contextlib
import fcntl
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import httpx
from rich.console import Console

from conf import broker, credentials, object_store, processes, scheduling, services, toolbox, tracking
from conf.errors import StackError
from conf.interruption import interruptible, undisturbed
from conf.ports import require_distinct, require_free
from conf.readiness import client
from conf.services import Part, Service
from conf.settings import Settings, load
from conf.shutdown import stop
from conf.startup import start
from conf.supervision import Supervisor


class Condition(NamedTuple):
    """How one service is."""

    service: str
    state: str
    ready: bool
    pid: int
    url: str | None
    log: str


def parts(settings: Settings) -> list[Part]:
    """All that a stack with these settings consists of; what takes longest to start comes first."""
    return [
        object_store.minio(settings),
        object_store.users(settings),
        *broker.steps(settings),
        broker.kafka(settings),
        scheduling.database(settings),
        *scheduling.services(settings),
        services.streaming(settings),
        *tracking.steps(settings),
        tracking.mlflow(settings),
        services.source_api(settings),
        services.jupyter(settings),
    ]


def up(console: Console) -> Settings:
    """Every service runs with the settings as they stand now and has shown that it is ready; answers the settings.

    Raises `LakeError`. When something fails on the way, or the user interrupts, all of the stack is stopped again.
    """
    toolbox.require()
    home = load().lake_home
    for folder in ("run", "logs", "state"):
        (home / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    credentials.ensure(home)
    settings = load()
    credentials.refuse_known_defaults(settings)
    everything = parts(settings)
    supervisor = Supervisor(settings)
    with _alone(home), interruptible():
        _require_ports(supervisor, settings, _services(everything))
        try:
            _define(supervisor, settings, _services(everything))
            asyncio.run(start(supervisor, everything, console))
        except BaseException:
            console.print("Stopping the stack")
            with undisturbed():
                stop(supervisor, settings, everything)
            raise
    return settings


def down(console: Console) -> None:
    """Nothing of the stack runs any more, orphans of an earlier one included. Raises `StackError` that names what does."""
    settings = load()
    if not (settings.lake_home / "run").exists():
        return
    with _alone(settings.lake_home), console.status("Stopping the stack"):
        stop(Supervisor(settings), settings, parts(settings) if _has_credentials(settings) else [])


def status() -> list[Condition]:
    """How each service is at this moment."""
    settings = load()
    if not _has_credentials(settings):
        return []
    return asyncio.run(_status(settings))


def _has_credentials(settings: Settings) -> bool:
    return settings.minio_root_user is not None


def _services(everything: Sequence[Part]) -> list[Service]:
    return [part for part in everything if isinstance(part, Service)]


def _require_ports(supervisor: Supervisor, settings: Settings, wanted: Sequence[Service]) -> None:
    """Every port is free or held by the stack itself. A stack that runs is left alone when one is not."""
    ports = {name: port for service in wanted for name, port in service.ports.items()}
    require_distinct(ports)
    if not supervisor.answers():
        # Orphans of a stack whose supervisord was killed would hold its ports and data.
        processes.end(processes.of_stack(settings.lake_home), patience=10)
    require_free(ports, settings.lake_home)


def _define(supervisor: Supervisor, settings: Settings, wanted: Sequence[Service]) -> None:
    """supervisord runs with these definitions."""
    broker.write_properties(settings)
    if supervisor.answers():
        supervisor.update(wanted)
    else:
        supervisor.launch(wanted)


async def _is_ready(service: Service, http: httpx.AsyncClient, started: datetime) -> bool:
    try:
        return await service.ready(http, started)
    except StackError:
        return False


async def _status(settings: Settings) -> list[Condition]:
    supervisor = Supervisor(settings)
    states = supervisor.states() if supervisor.answers() else {}

    async def condition(http: httpx.AsyncClient, service: Service) -> Condition:
        state = states.get(service.name)
        ready = state is not None and state.alive and await _is_ready(service, http, state.started)
        log = str(supervisor.log(service.name))
        if state is None:
            return Condition(service.name, "STOPPED", False, 0, service.url, log)
        return Condition(service.name, state.name, ready, state.pid, service.url, log)

    async with client() as http:
        return await asyncio.gather(*(condition(http, service) for service in _services(parts(settings))))


@contextlib.contextmanager
def stopped_on_failure(console: Console) -> Iterator[None]:
    """When what happens meanwhile fails or is interrupted, nothing of the stack runs afterwards."""
    with interruptible():
        try:
            yield
        except BaseException:
            with undisturbed():
                down(console)
            raise


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    """No other command changes this stack meanwhile."""
    with (home / "run" / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(
                f"Another `lake up` or `lake down` is at work on {home}. Wait for it, or stop it."
            ) from None
        yield

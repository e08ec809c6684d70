"""What runs on this machine: each service and task of the compose files as a process, with what `x-local` says of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from conf.errors import StackError
from conf.local.compose_files import TOP, Block, environment, read
from conf.machine import PORTS

PUBLISHED = re.compile(r"127\.0\.0\.1:\$\{(\w+)\}:(?:\d+|\$\{\w+\})")
"""A port as our files publish it: the setting holds the port on the machine."""


@dataclass(frozen=True)
class Service:
    """One process that stays, or a task that is done at each start."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    needs: frozenset[str]
    """The services that must be ready, and the tasks that must have succeeded."""
    stays: bool
    healthcheck: tuple[str, ...]
    """The program that tells whether it is ready, and its arguments."""
    ports: Mapping[str, int]
    """The ports it listens on, by the name of their setting."""
    stop_signal: str
    stop_seconds: int
    signals_group: bool
    """Whether its children get the stop signal too, or only the process itself."""
    page: str | None
    """The page that a person opens."""


def on_this_machine(variables: Mapping[str, str], file: Path = TOP) -> list[Service]:
    """What runs on this machine, in the order of the files. Raises `StackError`, which names what cannot be used."""
    everything = read(variables, file)
    blocks = {name: one for name, one in everything.items() if not (one.profiles or one.local.absent)}
    _require_order(everything)
    return [_service(name, block, set(blocks), variables, file.parent) for name, block in blocks.items()]


def _require_order(blocks: Mapping[str, Block]) -> None:
    """What a service waits for is there, and nothing waits for itself."""
    for name, block in blocks.items():
        for need, dependency in block.depends_on.items():
            if need not in blocks:
                raise StackError(f"{name} depends on {need!r}, which is no service.")
            if (dependency.condition == "service_healthy") is not (blocks[need].restart != "no"):
                raise StackError(f"{name}: {need} is {dependency.condition}: a task completes, a service is healthy.")
    try:
        TopologicalSorter({name: block.depends_on.keys() for name, block in blocks.items()}).prepare()
    except CycleError as error:
        raise StackError(f"These wait for each other: {' → '.join(error.args[1])}.") from error


def _service(name: str, block: Block, present: set[str], variables: Mapping[str, str], folder: Path) -> Service:
    local, check = block.local, block.healthcheck
    if not block.command or block.entrypoint:
        raise StackError(f"{name} needs a command and no entrypoint, so that a process can be started as well.")
    if block.restart != "no" and not check:
        raise StackError(f"{name} stays and has no healthcheck: nobody would know when it is ready.")
    test = local.healthcheck or (check.test if check else ["CMD"])
    if test[0] != "CMD" or (check and len(test) == 1):
        raise StackError(f"{name}: its healthcheck is {test}, and only CMD with a list of words is read.")
    given = {key: value for key, value in (environment(block, variables, folder) | local.environment).items() if value}
    return Service(
        name,
        tuple(block.command),
        given,
        frozenset(block.depends_on.keys() & present),
        block.restart != "no",
        tuple(test[1:]),
        {setting: _port(name, setting, variables) for setting in [*map(_setting, block.ports), *local.ports]},
        block.stop_signal.removeprefix("SIG"),
        int(block.stop_grace_period.removesuffix("s")),
        given.get("TINI_KILL_PROCESS_GROUP") == "1",
        block.page,
    )


def _setting(port: str) -> str:
    found = PUBLISHED.fullmatch(port)
    if not found:
        raise StackError(f"The port {port!r} is not of the form 127.0.0.1:${{SETTING}}:PORT.")
    return found[1]


def _port(service: str, setting: str, variables: Mapping[str, str]) -> int:
    if setting not in variables:
        raise StackError(f"{service} listens on {setting}, which is no setting: write it into conf/settings.")
    port = variables[setting]
    if not re.fullmatch("[0-9]{1,5}", port) or int(port) not in PORTS:
        raise StackError(
            f"{setting}={port!r}: a port is a whole number from {PORTS[0]} to {PORTS[-1]}. Choose another."
        )
    return int(port)

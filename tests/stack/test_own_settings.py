"""A process of the stack finds the settings and the secrets that its block names, and no others: looked up in the process itself."""

import os
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest

from conf.first_start.secrets import NAMES, is_secret
from conf.local.definition import Service
from conf.local.processes import of_stack
from conf.local.stack import parts
from conf.local.supervision import Supervisor
from conf.settings.groups import values
from tests.stack.conftest import Stack

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def services(stack: Stack) -> dict[str, Service]:
    return {one.name: one for one in parts(stack.settings) if one.stays}


@pytest.fixture(scope="module")
def started(stack: Stack) -> dict[str, psutil.Process]:
    """The first process of each service."""
    states = Supervisor(stack.settings).states()
    return {name: psutil.Process(state.pid) for name, state in states.items()}


def environ(process: psutil.Process) -> dict[str, str]:
    """What the process was started with."""
    lines = Path(f"/proc/{process.pid}/environ").read_text().split("\0")
    return dict(line.partition("=")[::2] for line in lines)


def test_every_process_has_the_environment_of_its_block(
    services: dict[str, Service], started: dict[str, psutil.Process]
) -> None:
    assert set(started) == set(services)
    for name, service in services.items():
        assert different(service.environment, environ(started[name])) == {}, name


def different(wanted: Mapping[str, str], found: Mapping[str, str]) -> dict[str, tuple[str, str | None]]:
    return {name: (value, found.get(name)) for name, value in wanted.items() if found.get(name) != value}


def test_no_process_finds_a_setting_or_a_secret_that_its_block_does_not_name(
    services: dict[str, Service], started: dict[str, psutil.Process]
) -> None:
    known = {*NAMES, *values({})}
    for name, service in services.items():
        assert set(environ(started[name])) & known <= set(service.environment), name


def test_no_child_finds_a_secret_that_its_service_has_not(
    stack: Stack, services: dict[str, Service], started: dict[str, psutil.Process]
) -> None:
    values = {name: stack.settings.secret(name) for name in NAMES if is_secret(name)}
    looked_at = 0
    for process in of_stack(stack.home):
        owner = next((name for name, first in started.items() if first in [process, *process.parents()]), None)
        if owner is None:
            continue
        own = set(services[owner].environment)
        try:
            text = Path(f"/proc/{process.pid}/environ").read_text()
        except (FileNotFoundError, ProcessLookupError):
            # It has ended meanwhile.
            continue
        assert [name for name, value in values.items() if value in text and name not in own] == [], (owner, process)
        looked_at += 1
    assert looked_at > len(started)


def test_the_files_of_secrets_are_one_for_each_part(stack: Stack) -> None:
    for file in (stack.home / "secrets").iterdir():
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.stat().st_uid == os.getuid()

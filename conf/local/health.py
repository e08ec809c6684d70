"""Checks whether a service of the local stack can be used: its health check from the compose file, in this process where possible."""

import asyncio
import subprocess
from datetime import datetime

from conf.compose import probe
from conf.errors import StackError
from conf.local.definition import Service
from conf.machine import ROOT, environment
from conf.terminal import tail

PROBE = ("python", "conf/compose/probe.py")
PATIENCE_SECONDS = 30


async def is_ready(service: Service, started: datetime) -> bool:
    """Whether it can be used, and has shown this since `started`. Raises `StackError` when waiting will not help."""
    return await asyncio.to_thread(_asked, service, started)


def _asked(service: Service, started: datetime) -> bool:
    if service.healthcheck[:2] != PROBE:
        return _succeeds(service)
    try:
        # Asked here and not by a process of its own: a dozen services are asked three times a second.
        probe.check(*service.healthcheck[2:], since=started, environment=service.environment)
    except probe.NotReadyError:
        return False
    except probe.BrokenError as error:
        raise StackError(tail(str(error))) from error
    return True


def _succeeds(service: Service) -> bool:
    variables = environment() | dict(service.environment)
    try:
        answer = subprocess.run(
            service.healthcheck, cwd=ROOT, env=variables, capture_output=True, check=False, timeout=PATIENCE_SECONDS
        )
    except subprocess.TimeoutExpired:
        return False
    except OSError as error:
        raise StackError(f"The health check of {service.name} cannot be run: {error}.") from error
    return answer.returncode == 0

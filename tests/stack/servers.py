"""Single servers of a stack as processes, for tests that need one or two of them and no supervisor."""

import asyncio
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from minio import Minio
from pydantic import SecretStr

from conf.first_start import access, secrets
from conf.local import processes
from conf.local.definition import Service
from conf.local.health import is_ready
from conf.local.processes import process_environment
from conf.local.stack import parts
from conf.machine import ROOT
from conf.settings import S3Access, Settings, load
from tests.stack.ports import free_ports

ENDING_SECONDS = 20


def part(settings: Settings, name: str) -> Service:
    """One part of the stack that has these settings."""
    [found] = [one for one in parts(settings) if one.name == name]
    return found


@contextmanager
def served(service: Service, settings: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    """The service runs meanwhile, and has shown that it is ready; behind the block nothing of it runs."""
    started = datetime.now(UTC)
    log = settings.home / f"{service.name}.log"
    variables = process_environment(settings, service.environment)
    with (
        log.open("a") as out,
        subprocess.Popen(
            service.command, env=variables, stdout=out, stderr=out, cwd=ROOT, start_new_session=True
        ) as process,
    ):
        try:
            while not asyncio.run(is_ready(service, started)):
                assert process.poll() is None, log.read_text()
                time.sleep(0.1)
            yield process
        finally:
            process.terminate()
            processes.end(processes.group_of(process.pid), ENDING_SECONDS)


@contextmanager
def minio_in(home: Path) -> Iterator[Settings]:
    """A MinIO of its own with the parts' users and no bucket but MLflow's; answers the settings that lead to it."""
    with new_minio_in(home) as settings:
        access.grant(settings)
        yield settings


@contextmanager
def new_minio_in(home: Path) -> Iterator[Settings]:
    """A MinIO of its own in which nothing is yet; answers the settings that lead to it.

    It has no Kafka, also where another stack of the tests has one: what it announces stays in its queue, and no PUT waits.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAKE_HOME", str(home))
        patch.setenv("LANDING_ANNOUNCED", "queue")
        names = ("MINIO_PORT", "MINIO_CONSOLE_PORT", "KAFKA_PORT")
        for name, port in zip(names, free_ports(len(names)), strict=True):
            patch.setenv(name, str(port))
        secrets.for_home(home)
        settings = load()
        with served(part(settings, "minio"), settings):
            yield settings


def access_of(settings: Settings, part: str) -> S3Access:
    """Where MinIO is, and one part of the stack or `root` as who is asking."""
    if part != "root":
        return settings.s3(part)
    password = SecretStr(settings.secret("MINIO_ROOT_PASSWORD"))
    return S3Access(settings.minio.endpoint, settings.secret("MINIO_ROOT_USER"), password)


def as_part(settings: Settings, part: str) -> Minio:
    """MinIO, asked by one part of the stack or by `root`."""
    user = access_of(settings, part)
    host = user.endpoint.removeprefix("http://")
    return Minio(endpoint=host, access_key=user.access_key, secret_key=user.secret_key.get_secret_value(), secure=False)

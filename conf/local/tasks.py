"""Runs a task to its end, with a log of its own."""

import asyncio

from conf.errors import StackError
from conf.local.definition import Service
from conf.local.processes import process_environment
from conf.machine import ROOT
from conf.settings import Settings
from conf.terminal import tail


async def run(settings: Settings, task: Service) -> None:
    """The task has succeeded. Raises `StackError` with its last words. Cancelling ends it."""
    log = settings.home / "logs" / f"{task.name}.log"
    with log.open("w") as out:
        variables = process_environment(settings, task.environment)
        try:
            program = await asyncio.create_subprocess_exec(
                *task.command, env=variables, stdout=out, stderr=out, cwd=ROOT
            )
        except OSError as error:
            raise StackError(f"{task.name} cannot be started: {error}") from error
        try:
            code = await program.wait()
        finally:
            if program.returncode is None:
                program.kill()
                await program.wait()
    if code:
        raise StackError(f"{task.name} failed with exit code {code}.\n{tail(log.read_text())}\nThe whole log: {log}")

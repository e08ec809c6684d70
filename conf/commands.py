"""Runs a program of a step to its end, with the stack's environment and a log of its own."""

import asyncio
from collections.abc import Mapping, Sequence

from conf.errors import StackError
from conf.processes import marked_environment
from conf.settings import Settings


async def run(
    settings: Settings, name: str, command: Sequence[str], variables: Mapping[str, str] | None = None
) -> None:
    """Nothing, or `StackError` with the program's last words. Being cancelled ends the program."""
    log = settings.lake_home / "logs" / f"{name}.log"
    with log.open("w") as out:
        program = await asyncio.create_subprocess_exec(
            *command, env=marked_environment(settings) | dict(variables or {}), stdout=out, stderr=out
        )
        try:
            code = await program.wait()
        finally:
            if program.returncode is None:
                program.kill()
                await program.wait()
    if code:
        raise StackError(f"{name} failed with exit code {code}.\n{tail(log.read_text())}\nThe whole log: {log}")


def tail(text: str, lines: int = 20) -> str:
    """The last lines of a log."""
    return "\n".join(text.splitlines()[-lines:])

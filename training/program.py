"""What every program of `training/` does around its command."""

import signal
import sys
from collections.abc import Callable

import typer

from conf.errors import LakeError


def run(command: Callable[..., None], name: str) -> None:
    """Runs it on the words of the command line. An error that an operator can act on is one line after `name`, and exit code 1.

    SIGTERM ends it as an exit does: what is open is closed first.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        typer.run(command)
    except LakeError as error:
        sys.exit(f"{name}: {error}")

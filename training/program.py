"""What every program of `training/` does around its command."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

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


def writable(file: Path | None) -> Path | None:
    """The file of an option, to be written when all is done. Raises `typer.BadParameter` when it cannot be: before anything is done."""
    if file and (file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK)):
        raise typer.BadParameter(
            f"{file} cannot be written: name a file in a folder that is there and can be written to."
        )
    return file

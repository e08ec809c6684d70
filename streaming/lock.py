"""A lock on the checkpoint: one query at a time has it. The kernel releases it when its holder dies."""

import fcntl
from pathlib import Path
from typing import TextIO

from conf.errors import LakeError
from streaming.ledger.decisions import writer


class HeldError(LakeError):
    """Another query runs on this checkpoint; the message names it."""


def hold(file: Path) -> TextIO:
    """The lock is held for as long as the returned file is open. Raises `HeldError` at once when another process has it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = file.open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        with handle:
            handle.seek(0)
            raise HeldError(
                f"A query runs on this checkpoint already ({handle.read().strip()}): {file}. Stop it first."
            ) from None
    handle.truncate(0)
    handle.write(writer())
    handle.flush()
    return handle


def holder(file: Path) -> str | None:
    """The process that holds the lock, or None when none does."""
    try:
        handle = file.open()
    except FileNotFoundError:
        return None
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return handle.read().strip() or "unknown"
    return None

"""The query's checkpoint: how far it has read the topics. Losing it costs time and nothing else: the ledger decides.

Spark writes `offsets/N` before batch N and `commits/N` after it.
"""

import json
import logging
from itertools import chain, count
from pathlib import Path

from conf.errors import LakeError

log = logging.getLogger(__name__)

# Beside Spark's own files, and ignored by it.
_OWNER = "ledger"


class CheckpointError(LakeError):
    """Spark could not go on from the checkpoint; the message says why, and the remedy."""


def prepare(folder: Path, ledger_id: str) -> None:
    """Spark can continue from here, or starts over: a checkpoint of another ledger is moved aside.

    Raises `CheckpointError` when parts of it are lost.
    """
    owner = folder / _OWNER
    # An interrupted write, such as on a full disk, leaves an empty file: no name.
    other = owner.read_text().strip() if owner.exists() else ""
    if other and other != ledger_id:
        aside = _free(folder.with_name(f"{folder.name}-of-{other}"))
        folder.rename(aside)
        log.warning(
            "the checkpoint is of another ledger (%s): moved to %s; the topics are read from their start", other, aside
        )
    if damage := _damage(folder):
        raise CheckpointError(
            f"The checkpoint {folder} is damaged: {damage}. Remove that folder: the query then reads the topics from their "
            "start, and the ledger keeps everything from being loaded twice."
        )
    folder.mkdir(parents=True, exist_ok=True)
    # Not written at each start: on a full disk the file would lose the name that it has.
    if other != ledger_id:
        owner.write_text(ledger_id)


def _damage(folder: Path) -> str | None:
    """What keeps Spark from going on, if anything does."""
    planned, finished = _batches(folder / "offsets"), _batches(folder / "commits")
    if not planned and not finished:
        return None
    if not (folder / "metadata").exists():
        return "the file metadata is missing"
    newest = max(planned, default=-1)
    if finished and max(finished) > newest:
        return f"commits/{max(finished)} is there, but offsets/{max(finished)} is not"
    if newest > 0 and newest - 1 not in planned:
        return f"offsets/{newest - 1} is missing"
    told = [
        folder / "metadata",
        *_newest(folder, newest),
        *([folder / "commits" / str(max(finished))] if finished else []),
    ]
    return next((f"{path} is cut off" for path in told if not _is_whole(path)), None)


def _free(path: Path) -> Path:
    """This path, or with the first number behind it that is not taken."""
    names = chain([path], (path.with_name(f"{path.name}-{number}") for number in count(2)))
    return next(one for one in names if not one.exists())


def _batches(folder: Path) -> set[int]:
    return {int(path.name) for path in folder.glob("*") if path.name.isdigit()}


def _newest(folder: Path, batch: int) -> list[Path]:
    return [folder / "offsets" / str(number) for number in (batch - 1, batch) if number >= 0]


def _is_whole(file: Path) -> bool:
    """Whether it ends with the JSON object that Spark writes last."""
    try:
        return isinstance(json.loads(file.read_text().splitlines()[-1]), dict)
    except (ValueError, IndexError):
        return False

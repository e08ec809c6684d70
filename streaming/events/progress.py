"""The query's progress, read from its checkpoint without Spark, whether the query runs or is stopped."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

Position = dict[str, dict[int, Annotated[int, Field(ge=0)]]]
"""The next offset to be read, by topic and partition."""

_POSITION: TypeAdapter[Position] = TypeAdapter(Position)
# Spark's offset log: its version, the batch's metadata, then one line for each source. The query has one source.
_LINES = 3


def position(checkpoint: Path) -> Position:
    """The offsets that the query reads next; empty before the first finished micro-batch.

    Spark writes `offsets/N` before batch N and `commits/N` after it. In a checkpoint that is half lost, the newest
    readable position counts: an older one only means that more records seem to wait.
    """
    names = {path.name for path in (checkpoint / "commits").glob("*")}
    finished = sorted((int(name) for name in names if name.isascii() and name.isdecimal()), reverse=True)
    for batch in finished:
        try:
            return _offsets(checkpoint / "offsets" / str(batch))
        except (OSError, ValueError):
            continue
    return {}


def _offsets(file: Path) -> Position:
    """Raises an OSError or ValueError when the file is missing, cut off, or not what Spark writes."""
    lines = file.read_text("utf-8").splitlines()
    if len(lines) != _LINES:
        raise ValueError(f"{file} has {len(lines)} lines, not {_LINES}")
    return _POSITION.validate_json(lines[-1])

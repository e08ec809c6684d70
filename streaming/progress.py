"""How far the query has come, read from its checkpoint: without Spark, also while the query runs or is stopped."""

import json
from pathlib import Path

Position = dict[str, dict[int, int]]
"""The next offset to be read, by topic and partition."""


def position(checkpoint: Path) -> Position:
    """What the query reads next; empty before the first finished micro-batch.

    Spark writes `offsets/N` before batch N and `commits/N` after it: the last line of the first holds the source's
    offsets as JSON.
    """
    finished = [int(path.name) for path in (checkpoint / "commits").glob("*") if path.name.isdigit()]
    if not finished:
        return {}
    written = (checkpoint / "offsets" / str(max(finished))).read_text().splitlines()
    topics = json.loads(written[-1])
    return {topic: {int(partition): offset for partition, offset in told.items()} for topic, told in topics.items()}

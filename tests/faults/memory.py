"""How much memory the processes of a query take at most."""

import contextlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from tests.faults.query import Query
from tests.faults.waiting import meanwhile

SECONDS = 0.5

MOST_BYTES = {"driver": 1_500_000_000, "jvm": 1_500_000_000, "workers": 750_000_000}
"""What a process of each part may take."""


def excess(most: dict[str, int]) -> dict[str, int]:
    """The parts that took more."""
    return {part: size for part, size in most.items() if size > MOST_BYTES[part]}


@contextmanager
def watched(query: Query) -> Iterator[dict[str, int]]:
    """The most bytes that any process of each part (driver, jvm, workers) was seen with meanwhile."""
    most: dict[str, int] = defaultdict(int)

    def look() -> None:
        for process in query.processes("tree"):
            with contextlib.suppress(psutil.Error):
                part, bytes_now = query.part(process), process.memory_info().rss
                # Of one that has just ended nobody can say which part it was.
                if part != "gone":
                    most[part] = max(most[part], bytes_now)

    with meanwhile(look, SECONDS):
        yield most

"""How much memory the processes of a query take at most."""

import contextlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from tests.faults.query import Query
from tests.faults.waiting import meanwhile

SECONDS = 0.5


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

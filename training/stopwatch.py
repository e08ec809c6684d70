"""Measures how long each stage takes, and announces it."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from rich.console import Console


class Stopwatch:
    """Collects the seconds of each stage, in order."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._console = Console()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Announces the stage and keeps how long it took, also when it fails."""
        self._console.print(f"training: {name}", highlight=False)
        start = perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = round(perf_counter() - start, 1)

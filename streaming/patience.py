"""Waiting for trouble that passes: for ever, longer each time, and never in silence."""

import logging
from collections.abc import Iterator
from itertools import count
from threading import Event

log = logging.getLogger(__name__)

LONGEST_SECONDS = 30.0


class StoppedError(Exception):
    """The query was asked to stop while it waited. The next one starts again what this one had begun."""


class Patience:
    """Pauses between attempts, which end as soon as the query is asked to stop."""

    def __init__(self, stop: Event | None = None, first_seconds: float = 0.5) -> None:
        self._stop = stop or Event()
        self._first = first_seconds

    def attempts(self) -> Iterator[int]:
        """1, 2, 3 and so on. Raises `StoppedError` once the query is asked to stop."""
        for attempt in count(1):
            if attempt > 1 and self._stop.is_set():
                raise StoppedError
            yield attempt

    def wait(self, attempt: int, why: str) -> None:
        """Say why, and wait before the next attempt. Raises `StoppedError`."""
        seconds = min(self._first * 2 ** min(attempt - 1, 10), LONGEST_SECONDS)
        log.warning("waiting %.1f s (attempt %d): %s", seconds, attempt, why)
        if self._stop.wait(seconds):
            raise StoppedError

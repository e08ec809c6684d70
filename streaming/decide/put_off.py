"""Object versions that the store could not serve, and when each is tried again.

Everything behind such an object waits about two minutes while it is tried (`isolation.py`), and reconciliation announces it with each
pass. So it is tried less and less often: a damaged object must not hold up the others for good.
"""

import time
from collections.abc import Callable, Iterable

FIRST_SECONDS = 120
LONGEST_SECONDS = 3600


class PutOff:
    """What is put off, by identity. It is lost with the process: the next query tries each object at once."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[str, tuple[float, float]] = {}

    def due(self, identities: Iterable[str]) -> set[str]:
        """Those that may be tried now: all but the ones whose time has not come."""
        now = self._clock()
        return {one for one in identities if one not in self._until or self._until[one][0] <= now}

    def note(self, identity: str) -> float:
        """It was tried in vain. Returns the seconds after which it is tried again: twice as many as before, at most an hour."""
        _, before = self._until.get(identity, (0, FIRST_SECONDS / 2))
        seconds = min(before * 2, LONGEST_SECONDS)
        self._until[identity] = self._clock() + seconds, seconds
        return seconds

    def forget(self, identities: Iterable[str]) -> None:
        """These have their outcome."""
        for one in identities:
            self._until.pop(one, None)

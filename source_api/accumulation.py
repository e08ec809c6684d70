"""Lets the records of a finished dataset come in one after the other, like those of a live source."""

import math
import time
from dataclasses import dataclass

NOTHING_MORE_SECONDS = 60
"""How long to wait before asking again, where all records are there from the start."""


@dataclass(frozen=True)
class Accumulation:
    """`per_minute` records a minute from `since` on (seconds since the epoch); without a rate, all at once.

    Time goes on while the service is down: senders of messages do not wait for those who collect them.
    """

    per_minute: float = 0
    since: float = 0

    def arrived(self, records: int) -> int:
        """How many of the dataset's records are there by now."""
        if not self.per_minute:
            return records
        return min(records, max(0, math.floor((time.time() - self.since) * self.per_minute / 60)))

    def next_after(self) -> int:
        """Whole seconds in which at least one more record comes in."""
        return math.ceil(60 / self.per_minute) if self.per_minute else NOTHING_MORE_SECONDS


ALL_AT_ONCE = Accumulation()

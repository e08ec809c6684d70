"""Cuts the items of a micro-batch into slices. A slice is what one task holds in memory at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

from streaming.events.intake import Announced, DeadLetter
from streaming.rows.replay import Replay


@dataclass(frozen=True)
class Item:
    """One object version or unreadable record to be decided."""

    what: Announced | DeadLetter
    failures: int = 0
    """How often deciding it alone has failed."""
    replay: Replay | None = None
    """What is to be decided again about an object that already has a decision."""
    error: str | None = None
    """Set when it has failed too often: it is not read again, but kept as unreadable with this error."""

    @property
    def attempts(self) -> int:
        """The number of tries, once it is decided."""
        return self.failures if self.error else self.failures + 1

    @property
    def size(self) -> int:
        """The bytes it brings into memory, as far as they are known."""
        return self.what.size if isinstance(self.what, Announced) else len(self.what.kept)


def cut(items: Sequence[Item], most_items: int, most_bytes: int, tasks: int) -> list[list[Item]]:
    """Cut slices of at most this many items and bytes, in order, as many for each of `tasks`; a larger item has its own slice.

    With seven slices, the last would occupy one core and leave the other nothing to do.
    """
    rounds = -(-len(items) // (most_items * tasks)) or 1
    most = -(-len(items) // (rounds * tasks)) or 1
    slices: list[list[Item]] = []
    room = 0
    for item in items:
        if not slices or len(slices[-1]) >= most or item.size > room:
            slices.append([])
            room = most_bytes
        slices[-1].append(item)
        room -= item.size
    return slices

"""What an audit finds: every damage is counted, and the first of each kind are named."""

from collections import Counter
from typing import NamedTuple

# Of each kind. With more than these, the number is needed and not a list.
NAMED = 20


class Finding(NamedTuple):
    """One damage: its kind, the page, object, record or table that has it, and what was found and expected."""

    what: str
    who: str
    detail: str


class Findings:
    """The findings of one audit, in memory that does not grow with them."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.named: list[Finding] = []

    def add(self, what: str, who: str, detail: str) -> None:
        """One more of this kind."""
        self.counts[what] += 1
        if self.counts[what] <= NAMED:
            self.named.append(Finding(what, who, detail))

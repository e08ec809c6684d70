"""What must become of an object, computed from its bytes by the project's own parser."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from streaming.page.limits import DEFAULT
from streaming.page.parser import PageError, RejectedRow
from tests.sms import parse

TEXT = ("label", "text", "text_unescaped", "text_raw", "repair", "rescued", "source_row", "source_part")
REJECTED = ("rule", "raw", "source_row")
RAW_KEPT = 65_536


@dataclass(frozen=True)
class Outcome:
    """The entry of the ledger, and the rows by content."""

    state: str
    messages: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    """In the columns of `TEXT`."""
    rejected: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    """In the columns of `REJECTED`; the whole object has no row."""


VANISHED = Outcome("vanished")


def of(body: bytes) -> Outcome:
    """The one outcome that is right for these bytes. Raises what the parser did not foresee (F44)."""
    try:
        page = parse(body, DEFAULT)
    except PageError as error:
        return Outcome("quarantined", rejected=Counter([(error.rule, body[:RAW_KEPT], None)]))
    messages = Counter(tuple(getattr(message, name) for name in TEXT) for message in page.messages)
    return Outcome("loaded", messages, Counter(map(_rejected, page.rejected)))


def _rejected(row: RejectedRow) -> tuple[Any, ...]:
    return row.rule, row.raw[:RAW_KEPT], row.source_row

"""The rules for a message to become a row; what breaks one is a rejected row with the rule's name."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from streaming.page.limits import Limits

# All of C0 but tab, newline and carriage return. C1 stays: the clean original has U+0091 to U+0096 as quotes and
# dashes.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class Flaw(NamedTuple):
    """Why a record is not a row: the rule it breaks, and what was found."""

    rule: str
    detail: str


def flaw(label: str, text: str, labels: Sequence[str], most_bytes: int) -> Flaw | None:
    """The first rule that a message breaks: `unknown_label`, `empty_text`, `control_character`, `text_too_long`.

    In a feed without labels, no label is unknown.
    """
    if labels and label not in labels:
        return unlisted("label", label, labels)
    if not text or text.isspace():
        return Flaw("empty_text", f"text is {text[:80]!r}")
    # Most texts are printable, and checking that takes half the time.
    if not text.isprintable() and (control := _CONTROL.search(text)):
        return Flaw("control_character", f"U+{ord(control[0]):04X} at character {control.start()} of the text")
    # A character has at most four bytes: most texts are seen to be short without encoding them.
    if len(text) * 4 > most_bytes and (size := len(text.encode())) > most_bytes:
        return Flaw("text_too_long", f"text has {size} bytes, at most {most_bytes} are taken")
    return None


def unlisted(column: str, value: str, values: Sequence[str]) -> Flaw:
    """The flaw `unknown_label`: a value that the feed does not declare for this column."""
    return Flaw("unknown_label", f"{column} is {value[:80]!r}, expected one of {', '.join(values)}")


def too_many(recovered: int, raw: str, limits: Limits) -> Flaw | None:
    """The flaw `too_many_parts` if one record gives too many recovered messages, each of which repeats its raw text."""
    if recovered > limits.recovered_parts:
        return Flaw("too_many_parts", f"{recovered} records inside, at most {limits.recovered_parts} are recovered")
    if (size := recovered * len(raw.encode())) > limits.recovered_bytes:
        most = limits.recovered_bytes
        return Flaw(
            "too_many_parts", f"{recovered} records inside repeat {size} bytes of raw text, at most {most} are taken"
        )
    return None

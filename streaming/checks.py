"""What a message must be to become a row; what fails is a rejected row with the rule's name."""

import re
from typing import NamedTuple

LABELS = ("ham", "spam")
MAX_TEXT_BYTES = 1_000_000

# All of C0 but tab, newline and carriage return. C1 stays: the clean original has U+0091 to U+0096 as quotes and
# dashes.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class Flaw(NamedTuple):
    """Why a record is no row: the rule it breaks, and what was found."""

    rule: str
    detail: str


def flaw(label: str, text: str) -> Flaw | None:
    """The first rule that a message breaks: `unknown_label`, `empty_text`, `control_character`, `text_too_long`."""
    if label not in LABELS:
        return Flaw("unknown_label", f"label is {label[:80]!r}, expected one of {', '.join(LABELS)}")
    if not text or text.isspace():
        return Flaw("empty_text", f"text is {text[:80]!r}")
    if control := _CONTROL.search(text):
        return Flaw("control_character", f"U+{ord(control[0]):04X} at character {control.start()} of the text")
    # A character is at most four bytes: most texts need no encoding to be seen as short.
    if len(text) * 4 > MAX_TEXT_BYTES and (size := len(text.encode())) > MAX_TEXT_BYTES:
        return Flaw("text_too_long", f"text has {size} bytes, at most {MAX_TEXT_BYTES} are taken")
    return None

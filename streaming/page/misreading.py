"""Damage that no feed declared: UTF-8 that was misread and saved as UTF-8 again, found by trying to undo it.

The misreading of a whole record can be undone strictly: each of its characters stands for bytes, and all of these together are UTF-8. Clean text
hardly ever meets this by chance, so what can be undone is nearly always damage. Nothing is guessed where several encodings would do equally well, or
the undone text is no less strange: the record is marked and stays as it is by then.
"""

import codecs
import re
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from streaming.page.chain import control
from streaming.page.plausibility import strangeness

# What programs assume in some country or on some system, the most usual first. Where several undo a text alike, the first is named.
ENCODINGS = (
    *("cp1252", "latin-1", "cp1251", "cp1250", "iso8859-2", "cp1253", "iso8859-7", "cp1254", "iso8859-9", "iso8859-15"),
    *("cp437", "cp850", "cp852", "cp866", "koi8-r", "koi8-u", "mac_roman", "mac_cyrillic", "gbk", "gb18030", "big5"),
    *("cp932", "euc-jp", "cp949", "cp1255", "cp1256", "cp1257", "cp1258", "cp874", "tis-620", "iso8859-5", "iso8859-4"),
    *("iso8859-13", "iso8859-8", "mac_greek", "mac_latin2", "cp737", "cp858", "cp862", "cp864"),
)
for _encoding in ENCODINGS:
    # Python loads each when it is first asked for: a megabyte in all, which would count as memory of the first page that needs them.
    "".encode(_encoding)
# Some text was damaged twice; three times is one more than was ever seen.
MOST_STEPS = 3

LOOKS_DAMAGED = "looks_damaged"
GUESSED = "guessed_"

_KEEPS_CONTROLS = "lake.keeps-controls"
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
# In clean text, none of so many characters begins UTF-8; in damaged text, some may have lost a byte.
LOOKED_AT = 4


codecs.register_error(_KEEPS_CONTROLS, control)


class Found(NamedTuple):
    """The encodings that a record was misread as, the last one first; or none, and whether it looks damaged nevertheless."""

    steps: tuple[str, ...] = ()
    looks_damaged: bool = False


def find(text: str) -> Found:
    """What undoes the damage of a record, if it looks damaged at all."""
    steps: list[str] = []
    while len(steps) < MOST_STEPS and (possible := _possible(text)):
        undone = _undone(text, possible)
        best = _best(text, list(undone))
        if best is None:
            return Found(tuple(steps), bool(undone) or (not steps and _is_nearly_undone(text, possible)))
        steps.append(undone[best])
        text = best
    return Found(tuple(steps))


def undo(text: str, steps: tuple[str, ...]) -> str:
    """A record, or a part of it, before it was misread."""
    for encoding in steps:
        text = text.encode(encoding, _KEEPS_CONTROLS).decode()
    return text


def _undone(text: str, possible: tuple[str, ...]) -> dict[str, str]:
    """Each text that this one can have been, and the encoding that it was misread as."""
    undone: dict[str, str] = {}
    for encoding in possible:
        try:
            before = undo(text, (encoding,))
        except UnicodeError:
            continue
        undone.setdefault(before, encoding)
    return undone


def _best(text: str, undone: list[str]) -> str | None:
    """The least strange of these, if it is less strange than the others and the text as it stands."""
    ranked = sorted((strangeness(one), one) for one in undone)
    if not ranked or ranked[0][0] >= strangeness(text):
        return None
    return ranked[0][1] if len(ranked) == 1 or ranked[0][0] < ranked[1][0] else None


def _is_nearly_undone(text: str, possible: tuple[str, ...]) -> bool:
    """Whether the text would be less strange as UTF-8 with some bytes missing."""
    for encoding in possible:
        try:
            before = text.encode(encoding, _KEEPS_CONTROLS).decode(errors="replace")
        except UnicodeError:
            continue
        broken, all_of_them = before.count("\ufffd"), len(_NOT_ASCII.findall(before))
        if all_of_them >= broken * 2 and strangeness(before.replace("\ufffd", "")) * 2 < strangeness(text):
            return True
    return False


def _possible(text: str) -> tuple[str, ...]:
    """The encodings in which one of the first characters beyond ASCII begins UTF-8. Clean text has next to none, which is found out fast."""
    found: dict[str, None] = {}
    for first in islice(_NOT_ASCII.finditer(text), LOOKED_AT):
        found |= dict.fromkeys(_beginning(text[first.start() : first.start() + 2]))
    return tuple(found)


@lru_cache(maxsize=65_536)
def _beginning(pair: str) -> tuple[str, ...]:
    return tuple(encoding for encoding in _with_lead(pair[0]) if _begins(pair, encoding))


@lru_cache(maxsize=65_536)
def _with_lead(character: str) -> tuple[str, ...]:
    return tuple(encoding for encoding in ENCODINGS if _begins(character, encoding))


def _begins(text: str, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(text.encode(encoding, _KEEPS_CONTROLS))
    except UnicodeError:
        return False
    return True

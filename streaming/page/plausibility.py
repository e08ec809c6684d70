"""The strangeness of a text: nothing for what people write, more for what a misreading makes of it."""

import unicodedata
from functools import lru_cache

# The beginning of a text says enough: no more of a longer one is looked at.
LOOKED_AT = 4096

_EAST_ASIAN = {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "IDEOGRAPHIC"}
# The letters of a script in texts of today: the first, and the one behind the last. Nearly all other Latin, Cyrillic and Greek ones
# are phonetic or historic.
_IN_USE = {"LATIN": (0x41, 0x180), "CYRILLIC": (0x400, 0x460), "GREEK": (0x384, 0x3D0)}
_ALSO_IN_USE = set("ƒƠơƯưǦǧȘșȚțƏəҐґҒғҚқҢңҮүҰұҺһӘәӨө")
_VIETNAMESE = (0x1E00, 0x1F00)

# Points for a character that no text has; for a letter out of use, two scripts in one word, a mark on nothing.
_NO_TEXT, _STRANGE = 3, 2


def strangeness(text: str) -> int:
    """A sum over the first characters of a text.

    It counts characters that no text has, letters that are out of use, words of two scripts, symbols inside words, capitals behind small
    letters, and marks that belong to nothing.
    """
    total, before, last = 0, "", ""
    for character in text[:LOOKED_AT]:
        kind = _kind(character)
        if kind == "mark":
            total += 0 if before and _can_bear(last, character) else _STRANGE
            continue
        total += _alone(kind) + _beside(before, kind, last, character)
        before, last = kind, character
    return total


def _alone(kind: str) -> int:
    return {"no text": _NO_TEXT, "out of use": _STRANGE}.get(kind, 0)


def _beside(before: str, kind: str, last: str, character: str) -> int:
    """The points for two neighbours."""
    if not before or not kind or "no text" in (before, kind):
        return 0
    if (before == "symbol") != (kind == "symbol"):
        return 1
    if before != kind:
        return _STRANGE
    return int(last.islower() and character.isupper() and not (last.isascii() and character.isascii()))


@lru_cache(maxsize=65_536)
def _kind(character: str) -> str:
    """The script of a letter, `symbol`, `mark`, `no text`, `out of use`; empty for digits, spaces and punctuation."""
    category = unicodedata.category(character)
    if character in "\t\n\r":
        return ""
    if category in ("Cc", "Cn", "Co", "Cs") or character == "\ufffd":
        return "no text"
    if category[0] == "L":
        return _script(character)
    if category[0] == "M":
        return "mark"
    return "symbol" if not character.isascii() and category in ("So", "Sm", "Sk", "Sc", "No") else ""


def _script(letter: str) -> str:
    script = unicodedata.name(letter, "").partition(" ")[0]
    if script in _EAST_ASIAN:
        return "east asian"
    first, end = _IN_USE.get(script, (0, 0x110000))
    used = first <= ord(letter) < end or letter in _ALSO_IN_USE
    return script if used or (script == "LATIN" and _VIETNAMESE[0] <= ord(letter) < _VIETNAMESE[1]) else "out of use"


@lru_cache(maxsize=65_536)
def _can_bear(letter: str, mark: str) -> bool:
    """Whether a mark belongs on a letter: in scripts with precomposed letters, only where there is one; marks that do not combine belong on all."""
    if _kind(letter) not in _IN_USE:
        return True
    return len(unicodedata.normalize("NFC", letter + mark)) == 1 or not unicodedata.combining(mark)

"""A declared damage, undone byte by byte: the text on a page becomes the bytes of the UTF-8 text that it was.

The text was UTF-8, was misread and then saved in an encoding that lacks some of the characters. A character of the page therefore stands for a
byte of the UTF-8 text (for several, where the misreading took them for one), or for a byte that was lost.
"""

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from streaming.feeds.feed import Damage

# Neither is a byte of UTF-8. FOREIGN stands for a character that the misreading cannot have made, _REPLACED for U+FFFD or the declared `lost`: a byte that was lost.
FOREIGN = b"\xff"
_REPLACED = b"\xfe"

# One that no encoding has.
_NO_CHARACTER = "\uffff"

_BEFORE = "lake.before-damage"
_AFTER = "lake.after-damage"


def control(error: UnicodeError) -> tuple[bytes, int]:
    """A C1 control stands for its byte: programs read a byte that their encoding does not define as this control. Raises any other error."""
    if isinstance(error, UnicodeEncodeError) and "\x80" <= (character := error.object[error.start]) <= "\x9f":
        return bytes([ord(character)]), error.start + 1
    raise error


def _byte_before(error: UnicodeError) -> tuple[bytes, int]:
    try:
        return control(error)
    except UnicodeEncodeError as other:
        return _REPLACED if other.object[other.start] == "\ufffd" else FOREIGN, other.start + 1


def _character_after(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return chr(error.object[error.start]), error.start + 1


codecs.register_error(_BEFORE, _byte_before)
codecs.register_error(_AFTER, _character_after)


@dataclass(frozen=True)
class Chain:
    """A damage and what follows from it. `mark` stands for a lost byte, `lost` are the bytes that can get lost.

    `sequence` matches a lead byte and its continuation bytes, each of which may be the mark. `usual` says what such a sequence is
    taken for where the text has no evidence.
    """

    damage: Damage
    table: bytes | None
    mark: bytes
    lost: tuple[int, ...]
    sequence: re.Pattern[bytes]
    usual: Mapping[bytes, bytes]

    @cached_property
    def is_misread(self) -> bool:
        """Whether the text was misread at all. Otherwise it was only saved in another encoding than UTF-8."""
        return codecs.lookup(self.damage.read_as).name != "utf-8"

    def after(self, text: str) -> bytes:
        """The bytes of a page on which the damage left this text, with `lost` or a question mark for each character that was not saved."""
        lost = (self.damage.lost or "?").encode(self.damage.saved_as, "replace")
        misread = text.encode().decode(self.damage.read_as, _AFTER)
        return b"".join(character.encode(self.damage.saved_as, "ignore") or lost for character in misread)

    def before(self, data: bytes) -> bytes:
        """The bytes of the UTF-8 text, with `mark` for each that was lost. What cannot have been saved that way is FOREIGN, or, in encodings of several bytes, raises `UnicodeDecodeError`."""
        if self.table:
            return data.translate(self.table)
        text = data.decode(self.damage.saved_as)
        if alike := _taken_for_a_lost_byte(self.damage):
            text = text.replace(alike, _NO_CHARACTER)
        return text.encode(self.damage.read_as, _BEFORE)

    def raw(self, data: bytes) -> str:
        """The page's text as it stands."""
        return data.decode(self.damage.saved_as)

    def as_it_stands(self, sequence: bytes) -> str:
        """The characters of the page for bytes that `before` gave."""
        pieces = [piece.decode(self.damage.read_as, _AFTER) for piece in sequence.split(self.mark)]
        return (self.damage.lost or "\ufffd").join(pieces)


@lru_cache(maxsize=64)
def of(damage: Damage) -> Chain:
    """The chain of a damage."""
    lost = tuple(byte for byte in range(0x80, 0x100) if _is_lost(damage, byte))
    mark = damage.lost.encode() if damage.lost and damage.lost.isascii() else _REPLACED
    usual: dict[bytes, bytes] = {}
    for character in damage.usual:
        whole = character.encode()
        usual.setdefault(b"".join(mark if byte in lost else bytes([byte]) for byte in whole), whole)
    return Chain(damage, _table(damage), mark, lost, _sequence(mark), usual)


def _sequence(mark: bytes) -> re.Pattern[bytes]:
    """A mark in front of continuation bytes is a lead byte that was lost: nothing else can stand there."""
    one = b"[\x80-\xbf" + re.escape(mark) + b"]"
    leads = (b"[\xc2-\xdf]" + one, b"[\xe0-\xef]" + one + b"{2}", b"[\xf0-\xf4]" + one + b"{3}")
    return re.compile(b"|".join([*leads, re.escape(mark) + rb"[\x80-\xbf]{1,3}"]))


def _is_lost(damage: Damage, byte: int) -> bool:
    """Whether a byte of the text has left no trace but the mark: the misreading does not define it, or what it became was not saved."""
    try:
        misread = bytes([byte]).decode(damage.read_as)
        misread.encode(damage.saved_as)
    except UnicodeEncodeError:
        return True
    except UnicodeDecodeError:
        return not _takes_several(damage.read_as)
    return False


def _table(damage: Damage) -> bytes | None:
    """What each byte of a page stands for: by far the fastest way. None where characters take several bytes."""
    if _takes_several(damage.saved_as) or _takes_several(damage.read_as):
        return None
    return b"".join(_alone(damage, bytes([byte])) for byte in range(0x100))


def _alone(damage: Damage, byte: bytes) -> bytes:
    try:
        character = byte.decode(damage.saved_as)
    except UnicodeDecodeError:
        return FOREIGN
    if character == damage.lost and not character.isascii():
        return _REPLACED
    return FOREIGN if character == _taken_for_a_lost_byte(damage) else character.encode(damage.read_as, _BEFORE)


@lru_cache(maxsize=64)
def _taken_for_a_lost_byte(damage: Damage) -> str:
    """The character that the misreading makes of the byte that stands for a lost one here; empty where it makes none. No UTF-8 has that byte."""
    found = _REPLACED.decode(damage.read_as, "ignore")
    return "" if found == "\ufffd" else found


def _takes_several(encoding: str) -> bool:
    """Whether an encoding takes several bytes for a character: its decoder waits for more after some byte."""
    for byte in range(0x80, 0x100):
        try:
            if not codecs.getincrementaldecoder(encoding)().decode(bytes([byte])):
                return True
        except UnicodeDecodeError:
            continue
    return False

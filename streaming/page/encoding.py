"""The characters of a record: the export's chain UTF-8 → Windows-1252 → Mac Roman undone, or UTF-8 as it is.

The export's text was UTF-8, was misread as Windows-1252 and then saved as Mac Roman, with `_` for each character that
Mac Roman lacks. A byte of the page therefore stands for one byte of the UTF-8 text, or for a byte that was lost. A record is
decided by its own bytes: the page on which it lies changes nothing.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import NamedTuple

# Of no character that both Windows-1252 and UTF-8 know; stands for Mac Roman characters that Windows-1252 lacks.
_NOT_OF_THE_CHAIN = b"\xff"


def _byte_before_damage(byte: int) -> bytes:
    """The byte of the UTF-8 text for a byte of the page: one character, in Mac Roman and in Windows-1252."""
    return bytes([byte]).decode("mac_roman").encode("cp1252", "ignore") or _NOT_OF_THE_CHAIN


_BEFORE_DAMAGE = b"".join(map(_byte_before_damage, range(256)))
_LOST_BYTES = sorted(set(range(0x80, 0x100)) - set(_BEFORE_DAMAGE))

# A lead byte and its continuation bytes, each of which may be lost. Of the lead bytes that can be lost, F0 is the
# only one that three continuation bytes follow; for shorter sequences there would be several.
_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf_]|[\xe0-\xef][\x80-\xbf_]{2}|[\xf1-\xf4][\x80-\xbf_]{3}|_[\x80-\xbf]{3}"
)

# An intact letter of two bytes. Not beside a digit: a price in the file has `ú`, which is a pound sign gone wrong.
_LETTER = re.compile(rb"(?<![0-9])[\xc3-\xdf][\x80-\xbf](?![0-9])")

_OPENING_QUOTE = "“".encode()
_CLOSING_QUOTE = "”".encode()
_LOST_PUNCTUATION = b"\xe2\x80_"
_QUOTE_MARKS = re.compile(_OPENING_QUOTE + b"|" + _LOST_PUNCTUATION)

# What a sequence with a lost byte is taken for where the text has no evidence of its own.
_USUAL = {
    # "You" in the SMS of Singapore, where most of the messages are from: 120 times in the export, no other letter of
    # this block is lost there.
    b"\xc3_": "ü".encode(),
    # All 16 in the export.
    _LOST_PUNCTUATION: "…".encode(),
    # GBK reads UTF-8's E2 80 A9 E2 (paragraph separator, start of the next punctuation mark) as `鈥┾`.
    b"\xe2\x94_": "┾".encode(),
}

UNDONE = "mac_roman"
BY_EVIDENCE = "lost_byte_by_evidence"
BY_TABLE = "lost_byte_by_table"


class UnexplainedBytesError(Exception):
    """Bytes that no chain explains, or a lost byte that neither evidence nor table decides; `offset` counts bytes."""

    def __init__(self, rule: str, offset: int, what: str) -> None:
        super().__init__(rule, offset, what)
        self.rule, self.offset, self.what = rule, offset, what


class Restored(NamedTuple):
    """A text as it was before the damage, and the rules that were applied to get it, in order."""

    text: str
    rules: tuple[str, ...] = ()


class Choice(NamedTuple):
    """What an incomplete sequence is taken for, and the rule that decided."""

    sequence: bytes
    rule: str


_CLOSING = Choice(_CLOSING_QUOTE, BY_EVIDENCE)


@dataclass(frozen=True)
class Utf8:
    """A record in UTF-8: nothing is undone."""

    def raw(self, data: bytes) -> str:
        """The bytes as text, before any repair."""
        return data.decode()

    def restore(self, data: bytes) -> Restored:
        """The text of these bytes."""
        return Restored(data.decode())


@dataclass(frozen=True)
class MacRoman:
    """A record that went through the chain; `choices` has what decides each kind of incomplete sequence in it."""

    choices: Mapping[bytes, Choice]

    def raw(self, data: bytes) -> str:
        """The bytes as text, before any repair."""
        return data.decode("mac_roman")

    def restore(self, data: bytes) -> Restored:
        """The text before the damage.

        A lost byte is one of those whose character Mac Roman lacks. Of the characters it could make, these are taken,
        in this order: the closing quote, where every opening quote of the text is followed by one lost mark; the only
        one there is; the letter whose other case occurs intact in the record (`Ü` speaks for `ü`); the usual one. Raises
        `UnexplainedBytesError` where nothing decides, and for bytes that the chain cannot have left.
        """
        if data.isascii():
            return Restored(data.decode())
        damaged = data.translate(_BEFORE_DAMAGE)
        try:
            return Restored(damaged.decode(), (UNDONE,))
        except UnicodeDecodeError:
            completed, rules = self._completed(damaged)
        try:
            return Restored(completed.decode(), (UNDONE, *rules))
        except UnicodeDecodeError as error:
            raise _unexplained(data, completed, error.start) from error

    def _completed(self, damaged: bytes) -> tuple[bytes, list[str]]:
        """The same number of bytes, the lost ones filled in where something decides; and what decided, each once."""
        marks = _QUOTE_MARKS.findall(damaged)
        closes = bool(marks) and marks == [_OPENING_QUOTE, _LOST_PUNCTUATION] * (len(marks) // 2)
        rules: dict[str, None] = {}

        def complete(match: re.Match[bytes]) -> bytes:
            # Not a copy of the choices with this one changed: a record can have tens of thousands, in each of its parts.
            choice = _CLOSING if closes and match[0] == _LOST_PUNCTUATION else self.choices.get(match[0])
            if choice is None:
                return match[0]
            rules[choice.rule] = None
            return choice.sequence

        return _SEQUENCE.sub(complete, damaged), list(rules)


def of(record: bytes) -> Utf8 | MacRoman:
    """The encoding of a record: the chain's where that explains every byte of it, otherwise UTF-8.

    Raises `UnexplainedBytesError` where neither does, by the one that explains more. The chain goes first, because what it leaves
    may be valid UTF-8: `é` becomes CC A9, a combining mark.
    """
    if record.isascii():
        return Utf8()
    foreign = _foreign(record)
    if foreign is None and _NOT_OF_THE_CHAIN in record.translate(_BEFORE_DAMAGE):
        # Told at once of nearly all clean text.
        return Utf8()
    chain = MacRoman(_choices(record))
    try:
        chain.restore(record)
    except UnexplainedBytesError as unexplained:
        if foreign is None:
            return Utf8()
        if foreign <= unexplained.offset:
            raise
        found = record[foreign : foreign + 4].hex(" ")
        raise UnexplainedBytesError("undecodable", foreign, f"{found} is no UTF-8") from unexplained
    return chain


def _foreign(record: bytes) -> int | None:
    """Where the first byte lies that is no UTF-8."""
    try:
        record.decode()
    except UnicodeDecodeError as error:
        return error.start
    return None


def _choices(record: bytes) -> dict[bytes, Choice]:
    """What decides each kind of incomplete sequence in a record."""
    damaged = record.translate(_BEFORE_DAMAGE)
    incomplete = {sequence for sequence in _SEQUENCE.findall(damaged) if b"_" in sequence}
    if not incomplete:
        return {}
    letters = Counter(letter.decode() for letter in _LETTER.findall(damaged))
    choices = ((sequence, _choice(sequence, letters)) for sequence in sorted(incomplete))
    return {sequence: choice for sequence, choice in choices if choice}


def _choice(sequence: bytes, letters: Counter[str]) -> Choice | None:
    possible = _completions(sequence)
    if len(possible) == 1:
        return Choice(possible[0].encode(), BY_EVIDENCE)
    letter = max(possible, key=lambda letter: letters[letter.swapcase()], default="")
    if letters[letter.swapcase()]:
        return Choice(letter.encode(), BY_EVIDENCE)
    return Choice(_USUAL[sequence], BY_TABLE) if sequence in _USUAL else None


@lru_cache(maxsize=1024)
def _completions(sequence: bytes) -> tuple[str, ...]:
    """Every character that the sequence can be, with any of the bytes that get lost in place of each `_`."""
    choices = [_LOST_BYTES if byte == ord("_") else [byte] for byte in sequence]
    complete = [bytes(choice) for choice in product(*choices)]
    # What is no UTF-8 does not come back from decoding the same.
    return tuple(text for data in complete if (text := data.decode(errors="ignore")).encode() == data)


def _unexplained(data: bytes, completed: bytes, offset: int) -> UnexplainedBytesError:
    match = _SEQUENCE.match(completed, offset)
    if match and (possible := _completions(match[0])):
        return UnexplainedBytesError(
            "lost_byte", offset, f"could be any of {len(possible)} characters: {possible[:20]}"
        )
    found = data[offset : offset + 4].hex(" ")
    return UnexplainedBytesError("undecodable", offset, f"{found} is no UTF-8 once the damage is undone")

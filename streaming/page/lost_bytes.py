"""What an incomplete sequence of UTF-8 was: decided by evidence in the record, else by what is usual in the feed, else not at all."""

import re
from collections import Counter
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from streaming.page.chain import Chain

BY_EVIDENCE = "lost_byte_by_evidence"
BY_TABLE = "lost_byte_by_table"

# An intact letter of two bytes. Not beside a digit: a price in the export has `ú`, which is a pound sign gone wrong.
_LETTER = re.compile(rb"(?<![0-9])[\xc3-\xdf][\x80-\xbf](?![0-9])")

# From this share of all intact letters in a record on, a letter is evidence for its other case. Where such letters are the script of the text, every
# one occurs: there it says nothing.
CONFIDENT = 0.5

_OPENING_QUOTE = "“".encode()
_CLOSING_QUOTE = "”".encode()


class Choice(NamedTuple):
    """What an incomplete sequence is taken for, and the rule that decided."""

    sequence: bytes
    rule: str


_CLOSING = Choice(_CLOSING_QUOTE, BY_EVIDENCE)


def choices(chain: Chain, damaged: bytes) -> dict[bytes, Choice]:
    """The choice for each kind of incomplete sequence in a record.

    A sequence is taken for one of the characters that it can be, in this order: the only one there is; the letter whose other case is at least
    half of all intact letters beyond ASCII in the record (`Ü` speaks for `ü`); the usual one.
    """
    if chain.mark not in damaged:
        return {}
    incomplete = {sequence for sequence in chain.sequence.findall(damaged) if chain.mark in sequence}
    if not incomplete:
        return {}
    letters = Counter(letter.decode() for letter in _LETTER.findall(damaged))
    chosen = ((sequence, _choice(chain, sequence, letters)) for sequence in sorted(incomplete))
    return {sequence: choice for sequence, choice in chosen if choice}


def closing(chain: Chain, damaged: bytes) -> dict[bytes, Choice]:
    """The closing quote for a punctuation mark that lost its last byte, where each opening quote of a text is followed by one such mark."""
    lost_mark = _CLOSING_QUOTE[:2] + chain.mark
    if _CLOSING_QUOTE[2] not in chain.lost or lost_mark not in damaged:
        return {}
    marks = re.findall(_OPENING_QUOTE + b"|" + re.escape(lost_mark), damaged)
    return {lost_mark: _CLOSING} if marks == [_OPENING_QUOTE, lost_mark] * (len(marks) // 2) else {}


def is_possible(chain: Chain, sequence: bytes) -> bool:
    """Whether a sequence can be a character once each mark is replaced by some byte that gets lost."""
    return _is_possible(sequence, chain.mark, chain.lost)


def _choice(chain: Chain, sequence: bytes, letters: Counter[str]) -> Choice | None:
    possible = _completions(sequence, chain.mark, chain.lost)
    if len(possible) == 1:
        return Choice(possible[0].encode(), BY_EVIDENCE)
    letter = max(possible, key=lambda letter: letters[letter.swapcase()], default="")
    votes = letters[letter.swapcase()]
    if votes and votes / letters.total() >= CONFIDENT:
        return Choice(letter.encode(), BY_EVIDENCE)
    return Choice(chain.usual[sequence], BY_TABLE) if sequence in chain.usual else None


# Room for all of these; their completions would take a hundred times as much memory.
@lru_cache(maxsize=65_536)
def _is_possible(sequence: bytes, mark: bytes, lost: tuple[int, ...]) -> bool:
    return bool(_completions(sequence, mark, lost))


@lru_cache(maxsize=1024)
def _completions(sequence: bytes, mark: bytes, lost: tuple[int, ...]) -> tuple[str, ...]:
    """Every character that the sequence can be."""
    options = [lost if byte == mark[0] else (byte,) for byte in sequence]
    complete = [bytes(option) for option in product(*options)]
    # What is not UTF-8 differs after decoding and encoding.
    return tuple(text for data in complete if (text := data.decode(errors="ignore")).encode() == data)

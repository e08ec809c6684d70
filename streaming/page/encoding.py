"""The characters of a record: a declared damage is undone, UTF-8 stays as it is, an undeclared misreading is undone as a guess.

A record is decided by its own bytes: the page on which it lies changes nothing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from streaming.page import lost_bytes, misreading
from streaming.page.chain import FOREIGN, Chain
from streaming.page.lost_bytes import Choice
from streaming.page.plausibility import strangeness

LEFT = "lost_byte_left"
REPLACED = "lost_character"


class UnexplainedBytesError(Exception):
    """Bytes that no declared damage explains and that are not UTF-8; `offset` counts bytes."""

    def __init__(self, rule: str, offset: int, what: str) -> None:
        super().__init__(rule, offset, what)
        self.rule, self.offset, self.what = rule, offset, what


class Restored(NamedTuple):
    """A text as it was before the damage, and the rules that were applied to get it, in order."""

    text: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Utf8:
    """A record in UTF-8: only the misreadings that were found in it are undone, the last one first."""

    misread_as: tuple[str, ...] = ()
    looks_damaged: bool = False

    def raw(self, data: bytes) -> str:
        """The bytes as text, before any repair."""
        return data.decode()

    def restore(self, data: bytes) -> Restored:
        """The text of these bytes. A text that is marked as damaged is undone as far as that is certain."""
        if data.isascii():
            return Restored(data.decode())
        text = misreading.undo(data.decode(), self.misread_as)
        guessed = tuple(misreading.GUESSED + encoding for encoding in self.misread_as)
        marks = {misreading.LOOKS_DAMAGED: self.looks_damaged, REPLACED: "\ufffd" in text}
        return Restored(text, (*guessed, *(mark for mark, holds in marks.items() if holds)))


@dataclass(frozen=True)
class Damaged:
    """A record that went through a declared damage; `choices` says what each kind of incomplete sequence in it is taken for."""

    chain: Chain
    choices: Mapping[bytes, Choice]

    def raw(self, data: bytes) -> str:
        """The bytes as text, before any repair."""
        return self.chain.raw(data)

    def restore(self, data: bytes) -> Restored:
        """The text before the damage. Where nothing decides a lost byte, its characters stay as they stand, with the rule `lost_byte_left`.

        Raises `UnexplainedBytesError` for bytes that the damage cannot have left.
        """
        if data.isascii():
            return Restored(data.decode())
        damaged = _before(self.chain, data)
        name = self.chain.damage.name
        try:
            return Restored(damaged.decode(), (name,))
        except UnicodeDecodeError:
            completed, rules = self._completed(damaged)
        try:
            return Restored(completed.decode(), (name, *rules))
        except UnicodeDecodeError as error:
            raise _unexplained(self.chain, data, damaged, self._first_unexplained(damaged)) from error

    def _completed(self, damaged: bytes) -> tuple[bytes, list[str]]:
        """The bytes, lost ones filled in where something decides, otherwise as they stand; and the rules that decided, each once."""
        closing = lost_bytes.closing(self.chain, damaged)
        rules: dict[str, None] = {}

        def complete(match: re.Match[bytes]) -> bytes:
            sequence = match[0]
            # The choices are not copied to change this one: a record can have tens of thousands, in each of its parts.
            choice = closing.get(sequence) or self.choices.get(sequence)
            if choice is None and self.chain.mark in sequence and lost_bytes.is_possible(self.chain, sequence):
                choice = Choice(self.chain.as_it_stands(sequence).encode(), LEFT)
            if choice is None:
                return sequence
            rules[choice.rule] = None
            return choice.sequence

        return self.chain.sequence.sub(complete, damaged), list(rules)

    def _first_unexplained(self, damaged: bytes) -> int:
        """The offset of the first byte that is neither ASCII nor part of a sequence that could be a character."""

        def fill(match: re.Match[bytes]) -> bytes:
            return b"?" * len(match[0]) if lost_bytes.is_possible(self.chain, match[0]) else match[0]

        try:
            return len(self.chain.sequence.sub(fill, damaged).decode())
        except UnicodeDecodeError as error:
            return error.start


def of(record: bytes, chains: Sequence[Chain]) -> Utf8 | Damaged:
    """The way to read a record: by a declared damage that explains every byte of it, otherwise as UTF-8.

    Damaged text may be valid UTF-8 (`é` becomes CC A9, a combining mark). Such a record is taken for damaged where it was misread, undoing that makes
    the text no stranger, and only bytes that U+FFFD stands for stay lost. Raises `UnexplainedBytesError` where nothing explains the record: the error
    of the explanation that comes furthest.
    """
    if record.isascii():
        return Utf8()
    try:
        text = record.decode()
    except UnicodeDecodeError as error:
        return _explained(record, chains, error)
    return _damaged_though_valid(record, chains, text) or Utf8(*misreading.find(text))


def _explained(record: bytes, chains: Sequence[Chain], no_utf8: UnicodeDecodeError) -> Damaged:
    """Read by the first damage that explains it."""
    furthest = UnexplainedBytesError("undecodable", no_utf8.start, f"{_hex(record, no_utf8.start)} is no UTF-8")
    for chain in chains:
        try:
            found = _read(chain, record)
            found.restore(record)
        except UnexplainedBytesError as unexplained:
            furthest = max(unexplained, furthest, key=lambda one: one.offset)
        else:
            return found
    raise furthest


def _damaged_though_valid(record: bytes, chains: Sequence[Chain], text: str) -> Damaged | None:
    # Where nothing was misread, undoing it would work for every text that is UTF-8 already.
    for chain in (one for one in chains if one.is_misread):
        try:
            if FOREIGN in _before(chain, record):
                # Recognises nearly all clean text at once.
                continue
            found = _read(chain, record)
            restored = found.restore(record)
        except UnexplainedBytesError:
            continue
        is_complete = LEFT not in restored.rules or "\ufffd" in text
        if is_complete and strangeness(restored.text) <= strangeness(text):
            return found
    return None


def _read(chain: Chain, record: bytes) -> Damaged:
    return Damaged(chain, lost_bytes.choices(chain, _before(chain, record)))


def _before(chain: Chain, data: bytes) -> bytes:
    """The bytes before the damage. Raises `UnexplainedBytesError` where the page was not saved that way."""
    try:
        return chain.before(data)
    except UnicodeDecodeError as error:
        saved_as = chain.damage.saved_as
        raise UnexplainedBytesError(
            "undecodable", error.start, f"{_hex(data, error.start)} is no {saved_as}"
        ) from error


def _unexplained(chain: Chain, data: bytes, damaged: bytes, offset: int) -> UnexplainedBytesError:
    """`offset` counts bytes before the damage: one of them may be several on the page, or several may be one."""
    # Where the page cannot have U+FFFD, it stands for one byte of it here. So does the question mark that replaces it.
    begin = len(chain.as_it_stands(damaged[:offset]).encode(chain.damage.saved_as, "replace"))
    return UnexplainedBytesError("undecodable", begin, f"{_hex(data, begin)} is no UTF-8 once the damage is undone")


def _hex(data: bytes, begin: int) -> str:
    return data[begin : begin + 4].hex(" ")

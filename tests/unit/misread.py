"""Texts of 28 languages, and what misreading them leaves."""

import codecs
from functools import cache
from pathlib import Path

from streaming.feeds.feed import Damage

HERE = Path(__file__).parent / "texts"
# So programs read a byte that their encoding does not define, and WHATWG's Encoding Standard has Windows-1252 do it.
CONTROLS = "tests.undefined-bytes-are-controls"
FIRST_BEHIND_CONTROLS = 0xA0


def _control(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    byte = error.object[error.start]
    return chr(byte) if byte < FIRST_BEHIND_CONTROLS else "\ufffd", error.start + 1


codecs.register_error(CONTROLS, _control)


@cache
def sentences() -> list[tuple[str, str]]:
    """Language and text, in the order of the file."""
    lines = (HERE / "languages.tsv").read_text("utf-8").splitlines()
    return [(language, text) for language, _, text in (line.partition("\t") for line in lines)]


@cache
def words() -> list[str]:
    """Every word of the sentences with a character beyond ASCII, as it stands between two spaces."""
    return sorted({word for _, text in sentences() for word in text.split() if not word.isascii()})


def of_language(language: str) -> list[str]:
    """The sentences of a language, and each two of them together: as many lengths as messages have."""
    own = [text for one, text in sentences() if one == language and not text.isascii()]
    return [*own, *(f"{one} {other}" for one in own for other in own if one != other)]


def odd() -> list[str]:
    """Clean texts that look damaged."""
    return (HERE / "looks_damaged.txt").read_text("utf-8").splitlines()


def misread(text: str, encoding: str) -> str | None:
    """UTF-8 read as another encoding; None where that has no such bytes."""
    try:
        return text.encode().decode(encoding)
    except UnicodeDecodeError:
        return None


def damaged(text: str, damage: Damage) -> tuple[bytes, int]:
    """The text after this damage, and how many of its bytes were lost."""
    read = text.encode().decode(damage.read_as, CONTROLS)
    saved, lost = b"", read.count("\ufffd")
    for character in read:
        try:
            saved += character.encode(damage.saved_as)
        except UnicodeEncodeError:
            assert damage.lost
            saved, lost = saved + damage.lost.encode(damage.saved_as), lost + 1
    return saved, lost

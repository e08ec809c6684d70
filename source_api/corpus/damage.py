"""The damage of the widely spread export, done to any list of messages.

The chain was worked out from the export itself: writing its parsed rows with `csv.writer` gives its bytes again.
"""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator

import ftfy.bad_codecs  # noqa: F401  # registers sloppy-windows-1252: undefined bytes become C1 control characters

COLUMNS = 5


def damaged(messages: Iterable[tuple[str, str]]) -> bytes:
    """The messages as the export would hold them: header `v1,v2,,,`, CRLF, no line end after the last record.

    Raises `ValueError` for a message that would need more than the three unnamed columns.
    """
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(["v1", "v2", "", "", ""])
    writer.writerows(_misparsed(messages))
    return _misread(table.getvalue().removesuffix("\r\n"))


def _misparsed(messages: Iterable[tuple[str, str]]) -> Iterator[list[str]]:
    r"""Rows as a parser that knows only `""` reads a file in which quotes are written `\"`.

    The first `\"` closes its field, later commas split the rest, and a lone quotation mark at the end of a text takes
    the line end (an old Mac's `\r`) and the next record's label into the field.
    """
    escaped = "".join(f'"{label}","{_backslashed(text)}"\r' for label, text in messages)
    for row in csv.reader(io.StringIO(escaped, newline="")):
        if len(row) > COLUMNS:
            raise ValueError(f"{row!r} has {len(row)} columns, not {COLUMNS}: too many commas after a quote")
        yield row + [""] * (COLUMNS - len(row))


def _backslashed(text: str) -> str:
    return text.replace('"', '\\"')


def _misread(text: str) -> bytes:
    """UTF-8 taken for Windows-1252 and saved as Mac Roman, `_` for what Mac Roman lacks."""
    return text.encode("utf-8").decode("sloppy-windows-1252").encode("mac_roman", errors="underscore")


def _underscores(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "_" * (error.end - error.start), error.end


codecs.register_error("underscore", _underscores)

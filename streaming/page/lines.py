"""The lines of a page as bytes."""

from array import array
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from streaming.page.header import BYTE_ORDER_MARK, PageError


class Lines(NamedTuple):
    r"""Lines with their ends, and where in the page each begins; the last offset is the page's end.

    Lines end with `\n` or `\r\n`, and with `\r` where the page has no `\n`. `holds_returns` says whether a line of the former
    kind has a `\r` elsewhere, which is then text.
    """

    raw: list[bytes]
    offsets: Sequence[int]
    holds_returns: bool = False


def cut(body: bytes, most: int) -> Lines:
    """The lines of a page without its byte order mark. Raises `PageError` (`too_many_lines`) before it cuts anything."""
    feeds, returns = body.count(b"\n"), body.count(b"\r") - body.count(b"\r\n")
    if (ends := feeds or returns) > most:
        raise PageError("too_many_lines", f"the object has {ends} line ends, at most {most} are read")
    # A return behind the last line feed ends the page.
    holds_returns = feeds > 0 and returns > body.endswith(b"\r")
    raw = _fed(body) if holds_returns else body.splitlines(keepends=True)
    begin = len(BYTE_ORDER_MARK) if body.startswith(BYTE_ORDER_MARK) else 0
    if begin:
        raw[0] = raw[0][begin:]
    return Lines(raw, array("Q", accumulate(map(len, raw), initial=begin)), holds_returns)


def _fed(body: bytes) -> list[bytes]:
    *lines, rest = body.split(b"\n")
    return [line + b"\n" for line in lines] + ([rest] if rest else [])

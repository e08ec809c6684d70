"""The lines of a page as bytes."""

from itertools import accumulate
from typing import NamedTuple

from streaming.page.header import BYTE_ORDER_MARK, PageError


class Lines(NamedTuple):
    r"""Lines with their ends (`\r\n`, `\n`, `\r`), and where in the page each begins; the last offset is the page's end."""

    raw: list[bytes]
    offsets: list[int]


def cut(body: bytes, most: int) -> Lines:
    """The lines of a page without its byte order mark. Raises `PageError` (`too_many_lines`) before it cuts anything."""
    ends = body.count(b"\n") + body.count(b"\r") - body.count(b"\r\n")
    if ends > most:
        raise PageError("too_many_lines", f"the object has {ends} line ends, at most {most} are read")
    raw = body.splitlines(keepends=True)
    begin = len(BYTE_ORDER_MARK) if body.startswith(BYTE_ORDER_MARK) else 0
    if begin:
        raw[0] = raw[0][begin:]
    return Lines(raw, list(accumulate(map(len, raw), initial=begin)))

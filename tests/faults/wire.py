"""HTTP/1.1 as it lies on the wire: heads and bodies, byte for byte, so that a signed request stays as it was signed."""

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple
from urllib.parse import unquote

PIECE = 65_536
HEAD_LIMIT = 1 << 20


class Head(NamedTuple):
    """The first line and the fields of a message, up to and with the blank line behind them."""

    raw: bytes
    first: list[str]
    fields: dict[str, str]
    """Names in small letters."""

    @property
    def target(self) -> str:
        """What a request asks for, decoded: path and query."""
        return unquote(self.first[1], errors="replace")

    @property
    def status(self) -> int:
        """What a response says."""
        return int(self.first[1])


async def read_head(reader: asyncio.StreamReader) -> Head | None:
    """The next head, or None when the other side has closed."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = raw.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines if line)
    return Head(raw, first.split(" ", 2), {name.strip().lower(): value.strip() for name, _, value in pairs})


def has_body(asked: Head, answer: Head) -> bool:
    """Whether a body follows this answer (RFC 9112, 6.3)."""
    return asked.first[0] != "HEAD" and answer.status not in {204, 304}


async def body(reader: asyncio.StreamReader, head: Head) -> AsyncIterator[bytes]:
    """The body behind a head as it came: of the length that is stated, or in chunks with their sizes."""
    if "chunked" in head.fields.get("transfer-encoding", ""):
        async for piece in _chunks(reader):
            yield piece
        return
    left = int(head.fields.get("content-length", 0))
    while left:
        piece = await reader.read(min(left, PIECE))
        if not piece:
            raise ConnectionResetError("the body ends early")
        left -= len(piece)
        yield piece


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    size = -1
    while size:
        line = await reader.readuntil(b"\n")
        size = int(line.split(b";")[0], 16)
        yield line
        if size:
            yield await reader.readexactly(size + 2)
    trailer = b""
    while trailer != b"\r\n":
        trailer = await reader.readuntil(b"\n")
        yield trailer

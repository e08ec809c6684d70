"""The text in an object: gzip is inflated, UTF-16 becomes UTF-8. Both are recognised by the first bytes, never by a name."""

import gzip
import zlib
from io import BytesIO

from streaming.page.header import BYTE_ORDER_MARK, PageError
from streaming.page.limits import Limits

GZIP = b"\x1f\x8b"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
ARCHIVES = {
    GZIP: "gzip inside gzip",
    b"PK\x03\x04": "zip",
    b"\x28\xb5\x2f\xfd": "zstandard",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
}


def text(body: bytes, limits: Limits) -> bytes:
    """The bytes of a page; offsets and records refer to these.

    Raises `PageError`: `broken_gzip` for gzip that is cut or damaged, `inflates_too_far`, `compressed` for other archives, `broken_utf_16`.
    """
    inflated = _inflated(body, limits.inflated_bytes) if body.startswith(GZIP) else body
    _refuse_archives(inflated)
    if not inflated.startswith(_UTF_16):
        return inflated
    try:
        return inflated.decode("utf-16").encode()
    except UnicodeDecodeError as error:
        raise PageError("broken_utf_16", f"byte {error.start}: {error.reason}") from error


def _inflated(body: bytes, most: int) -> bytes:
    """The content of all members of the file (RFC 1952 allows several). Never inflates more than one byte beyond what is allowed."""
    try:
        found = gzip.GzipFile(fileobj=BytesIO(body)).read(most + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise PageError("broken_gzip", f"the gzip file is cut or damaged: {error}") from error
    if len(found) > most:
        raise PageError("inflates_too_far", f"more than {most} bytes are in the gzip file, at most that many are read")
    return found


def _refuse_archives(body: bytes) -> None:
    begin = len(BYTE_ORDER_MARK) if body.startswith(BYTE_ORDER_MARK) else 0
    for magic, kind in ARCHIVES.items():
        if body.startswith(magic, begin):
            raise PageError("compressed", f"the object starts with {magic.hex(' ')} ({kind}); text or gzip is expected")

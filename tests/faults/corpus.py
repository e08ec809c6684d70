"""Pages for the load, made from a seed: good ones as the real export has them, and bad ones by the case they stand for."""

import gzip
from collections.abc import Callable, Mapping
from random import Random

HEADER = b"v1,v2,,,\r\n"
_WORDS = ("ok", "lar", "wif", "u", "free entry", "win", "cash", "call", "later", "£5", "ü…", "😂", "&lt;#&gt;", "txt")

# As the real export is damaged: a lost quote, a spilled column, Mac Roman, a swallowed record.
_DAMAGED = (
    b'ham,\\alright babe," i\xe5\xd5d say \xcc_\\""!""",,\r\n',
    b'ham,"u soon \\""\rspam""",Win now,,\r\n',
    b"spam,Only \xe5\xa35 a week,,,\r\n",
    b'ham,"Ok, ""lar"" &lt;#&gt;\r\nand more",,,\r\n',
)
SWALLOWED = b',"%s \\""\rspam"""'


def page(rng: Random) -> bytes:
    """A page whose records all become messages, or are rejected by the rules for damage that cannot be undone."""
    rows = [_row(rng) for _ in range(rng.randint(3, 12))]
    if rng.random() < 0.2:
        rows.insert(rng.randrange(len(rows)), rng.choice(_DAMAGED))
    return HEADER + b"".join(rows)


def _row(rng: Random) -> bytes:
    text = " ".join(rng.choices(_WORDS, k=rng.randint(1, 20)))
    return f"{rng.choice(('ham', 'ham', 'spam'))},{text} {rng.getrandbits(40):x},,,\r\n".encode()


BAD: Mapping[str, bytes] = {
    "F7 nothing": b"",
    "F7 only blank lines": b"\r\n\r\n",
    "F7 only a byte order mark": b"\xef\xbb\xbf",
    "F8 header only": HEADER,
    "F8 no newline at the end": b"v1,v2\nham,hi",
    "F8 byte order mark": b"\xef\xbb\xbfv1,v2\r\nham,hi\r\n",
    "F8 semicolons": b"v1;v2\nham;hello\n",
    "F9 gzip cut off": gzip.compress(HEADER * 50, mtime=0)[:30],
    "F9 gzip": gzip.compress(HEADER + b"ham,hi,,,\r\n", mtime=0),
    "F9 gzip bomb": gzip.compress(b"0" * 10_000_000, mtime=0),
    "F11 undecodable": HEADER + b"ham,\xe5\xa35,,,\r\nham,caf\x8e,,,\r\n",
    "F11 lost byte": HEADER + b"ham,\xe5_ cup,,,\r\nham,\xe5\xa35,,,\r\n",
    "F11 UTF-16": "v1,v2\nham,hi\n".encode("utf-16"),
    "F12 NUL": HEADER + b"ham,a\x00b,,,\r\nham,fine,,,\r\n",
    "F12 control character": HEADER + b"ham,ab\x1b,,,\r\n",
    "F12 quote never closed": HEADER + b'ham,"a,,,\r\nham,b,,,\r\nspam,c,,,\r\n',
    "F12 line ends inside quotes": HEADER + b'ham,"a\r\nb\nc\rd\n\ne",,,\r\nham,f,,,\r\n',
    "F13 extra column": b"v1,v2,lang\nham,hi,en\n",
    "F13 missing column": b"v1\nham\n",
    "F13 other order": b"v2,v1\nhi,ham\n",
    "F13 renamed column": b"v1,message\nham,hi\n",
    "F13 repeated column": b"v1,v2,text\nham,hi,ho\n",
    "F13 other case": b"Label,TEXT\nham,hi\n",
    "F13 ragged rows": HEADER + b"ham,hi\r\nham,a,b,c,d,e\r\nham,fine,,,\r\n",
    "F14 unknown label": HEADER + b"eggs,hi,,,\r\nham,fine,,,\r\n",
    "F14 empty text": HEADER + b"ham,,,,\r\nham, \t ,,,\r\n",
    "F14 text of 1 MB": HEADER + b"ham," + b"x" * 1_000_001 + b",,,\r\n",
}
"""What the parser says of each is right: the oracle asks it."""

CRASHING: Mapping[str, Callable[[], bytes]] = {
    "F44 4,301 digits": lambda: b"v1,v2\nham,&#" + b"1" * 4301 + b";\nham,behind it\n",
    "F44 900 records in each other": lambda: _swallowing(900, b"u soon"),
}
"""An exception that nobody foresaw: either the parser takes it by now, or it is quarantined; never lost, never a stop."""

HUGE: Mapping[str, Callable[[], bytes]] = {
    "F10 a million columns": lambda: b"v1,v2" + b"," * 1_000_000 + b"\n",
    "F52 100,000 columns": lambda: b"v1,v2" + b"," * 100_000 + b"\nham,hi" + b"," * 100_000 + b"\n",
    "F52 16 MB of line ends": lambda: b"v1,v2" + b"\n" * (16 << 20),
    "F52 one text repeated by 400 swallowed records": lambda: _swallowing(400, b"x" * 10_000),
}
"""Refused by a stated cap, or taken within the memory that a worker has."""

GIANT: Mapping[str, Callable[[], bytes]] = {
    "F10 a page of 1 GB": lambda: HEADER + b"ham,hello there,,,\r\n" * ((1 << 30) // 20),
    "F52 a line of 100 MB": lambda: HEADER + b"ham," + b"x" * 100_000_000 + b",,,\r\n",
}
"""More than any object may have."""


def _swallowing(number: int, text: bytes) -> bytes:
    columns = b"v1,v2" + b"," * number
    return columns + b"\nham" + SWALLOWED % text * number + b",Win now\n"

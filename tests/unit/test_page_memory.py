"""A page takes memory in proportion to its size, whatever is in it."""

import gzip
import tracemalloc
from contextlib import suppress

import pytest

from streaming.page.parser import Limits, PageError
from tests.sms import parse

SIZE = 1 << 18
# Those of a page of 32 MiB, in proportion: it shows what that one would take in a hundredth of the time.
LIMITS = Limits(
    lines=500_000 // 128,
    inflated_bytes=33_554_432 // 128,
    header_bytes=65_536 // 128,
    line_bytes=4_194_304 // 128,
    text_bytes=1_000_000 // 128,
    recovered_bytes=1_000_000 // 128,
    rows_bytes=201_326_592 // 128,
)
MOST_TIMES_ITS_SIZE = 12

FIVE = b"v1,v2,,,\n"
TWO = b"label,text\n"
EMOJI = "\U0001f602".encode()


def peak(body: bytes) -> int:
    tracemalloc.start()
    with suppress(PageError):
        parse(body, LIMITS)
    size = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return size


PAGES = {
    "a header of commas": (b"", b","),
    "one line of commas": (FIVE, b","),
    "one line of quotes": (FIVE, b'"'),
    "line ends": (FIVE, b"\n"),
    "one line of escaped quotes": (FIVE, b'\\"'),
    "one line of NUL": (FIVE, b"\x00"),
    "lines of commas": (FIVE, b"," * 32_767 + b"\n"),
    "lines of short columns": (FIVE, b"aa," * 10_922 + b"\n"),
    "lines of quotes": (FIVE, b'"' * 32_700 + b"\n"),
    "long texts of apostrophes": (FIVE, b"ham," + b"\\'" * 3_700 + b",,,\n"),
    "long texts of escaped quotes": (FIVE, b"ham,a\\b" + b'\\"' * 3_700 + b'",,,\n'),
    "quotes that stay open": (FIVE, b'ham,"' + b"x" * 65 + b"\n"),
    "short records": (TWO, b"ham," + b"x" * 64 + b"\n"),
    "short lines that are no records": (TWO, b"x" * 67 + b"\n"),
    "lost bytes": (TWO, b"ham,\xe5_" + b"x" * 62 + b"\n"),
    "columns that nothing explains": (b"label,text,\n", b"ham,a," + EMOJI + b"\x00" * 58 + b"\n"),
    "an emoji, an entity and a lost quote": (FIVE, b"ham," + EMOJI + b"&lt;\\" + b"a" * 53 + b'",,,\n'),
    "the same in long texts": (FIVE, b"ham," + EMOJI + b"&lt;\\" + b"a" * 7_700 + b'",,,\n'),
    "the same in damaged characters": (FIVE, b"ham,\x89\xdb\xaa&lt;\\" + b"a" * 53 + b'",,,\n'),
    "controls in a rescued column": (b"label,text,x\n", b"ham,a," + b"\x01" * 60 + b"\n"),
    "a long column name": (b"label,text," + b"x" * 500 + b"\n", b"ham,a,1\n"),
    "members of JSON": (b"", b"{" + b",".join(b'"%d":1' % n for n in range(8_000)) + b"}\n"),
    "nested JSON": (b"{}\n", b'{"a":' * 900 + b"1" + b"}" * 900 + b"\n"),
    "escaped JSON": (b"", b'{"label":"ham","text":"' + b"\\u00e9" * 10 + b'"}\n'),
    "rescued JSON": (b"", b'{"label":"ham","text":"a","x":"' + b"\\u0001" * 10 + b'"}\n'),
    "tabs": (b"ham\ta\n", b"ham\t" + EMOJI + b"\t" * 50 + b"\n"),
    "swallowed records": (b"v1,v2" + b"," * 10 + b"\n", b"ham," + b'"a\\""\nham""",' * 10 + b"z\n"),
}


@pytest.mark.parametrize("page", PAGES)
def test_parsing_takes_at_most_twelve_times_the_size_of_the_page(page: str) -> None:
    header, unit = PAGES[page]
    body = header + unit * (SIZE // len(unit))
    assert peak(body) < MOST_TIMES_ITS_SIZE * len(body)


def test_a_bomb_is_inflated_no_further_than_a_page_may_be() -> None:
    bomb = gzip.compress(bytes(1 << 25))
    assert len(bomb) < SIZE
    assert peak(bomb) < MOST_TIMES_ITS_SIZE * SIZE

"""Whatever the bytes of a page are, it is refused by name or every record of it is accounted for."""

from contextlib import suppress

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from streaming.page.parser import Limits, Page, PageError
from tests.sms import parse

# A busy machine is slow, not wrong.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

HEADERS = [
    b"v1,v2,,,\r\n",
    b"v1,v2,,,\r\n",
    b"v1,v2,,,,,,,\r\n",
    b"\xef\xbb\xbflabel,text\n",
    b"x,text,,v1,\xcc_\r",
    b"",
    b"{}\n",
]
# As they stand in the export: damaged characters, lost quotes, spilled columns, a swallowed record.
RECORDS = [
    b'ham,"Ok, ""lar"" &lt;#&gt;",,,\r\n',
    b"ham,\xe5\xa35 i\xe5\xd5d \xcc_ \x89\xdb_,,,\r\n",
    b'ham,\\alright babe," i\xe5\xd5d say \xcc_\\""!""",,\r\n',
    b'ham,"so \\the cave\\"". Sorry""",,,\r\n',
    b'ham,"u soon \\""\rspam""",Win now,,\r\n',
    b'spam,"a\nb",,,\r\n',
    "ham,Zoé £ 😂 &#128514; &#0;,,,\n".encode(),
    b"eggs,hi\n",
    "ham\tZoé £\n".encode(),
    '{"v1":"ham","text":"Zoé Ã©","n":1}\n'.encode(),
    b'{"label":"ham","text":"\\ud800"}\n',
]
PIECES = [
    *[b'"', b'""', b'\\"', b"\\", b"'", b",", b",,,", b"\r", b"\n", b"\r\n", b"ham,", b"spam", b'\\"\rham"', b"\x00"],
    *[b"_", b"\xcc_", b"\xe5\xa3", b"\x89\xdb_", b"\x8e", b"\xc3\xbc", b"\xed\xa0\x80", b"\xff\xfe", b"\xef\xbb\xbf"],
    *[b"&", b"&#", b"&#0;", b"&#xD800;", b"&#" + b"1" * 4301 + b";", b"&lt", b"\xe2\x80\xa8", b"\x85", b"\x0c"],
]

clean = st.builds(
    lambda head, rest: head + b"".join(rest), st.sampled_from(HEADERS), st.lists(st.sampled_from(RECORDS))
)
pieces = st.lists(st.sampled_from([*PIECES, *RECORDS]), max_size=60).map(b"".join)
limits = st.builds(
    Limits,
    lines=st.integers(1, 20),
    line_bytes=st.integers(10, 200),
    text_bytes=st.integers(1, 50),
    recovered_parts=st.integers(1, 2),
    recovered_bytes=st.integers(1, 50),
    rows_bytes=st.integers(100, 5_000),
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A page of which some bytes are flipped, cut, doubled or put in."""
    page: bytes = draw(clean)
    for _ in range(draw(st.integers(0, 6))):
        begin, length = draw(st.integers(0, len(page))), draw(st.integers(0, 40))
        end = begin + length
        new = draw(st.sampled_from([page[begin:end] * 2, b"", *PIECES]) | st.binary(max_size=3))
        page = page[:begin] + new + page[end if draw(st.booleans()) else begin :]
    return page


def strings(page: Page) -> list[str]:
    rows = [
        (m.label or "", m.text, m.text_unescaped, m.text_raw, m.repair or "", m.rescued or "") for m in page.messages
    ]
    return [text for row in rows for text in row] + [text for row in page.rejected for text in (row.rule, row.detail)]


def check(body: bytes, limits: Limits) -> None:
    try:
        page = parse(body, limits)
    except PageError as error:
        str(error).encode()
        return
    own = [message.source_row for message in page.messages if message.source_part == 0]
    assert sorted(own + [row.source_row for row in page.rejected]) == list(range(1, page.records + 1))
    assert all(row.raw in body for row in page.rejected)
    for text in strings(page):
        text.encode()


@untimed
@given(st.binary() | mutated() | pieces | pieces.map(HEADERS[0].__add__), st.just(Limits()) | limits)
@example(HEADERS[0] + b'ham,"a\r', Limits())
@example(b'v1,v2\n"\n\n"', Limits())
@example(HEADERS[0] + b"ham,&#" + b"1" * 4301 + b";,,,\n", Limits())
@example(b"v1,v2" + b"," * 950 + b"\nham," + b'"a\\""\nham""",' * 900 + b"z,\n", Limits(recovered_parts=1_000))
def test_any_bytes_are_refused_or_every_record_is_accounted_for(body: bytes, limits: Limits) -> None:
    check(body, limits)


@untimed
@given(mutated())
def test_the_replacement_character_is_never_made_up(body: bytes) -> None:
    with suppress(PageError):
        for message in parse(body).messages:
            assert "\ufffd" not in message.text_unescaped or "\ufffd" in message.text

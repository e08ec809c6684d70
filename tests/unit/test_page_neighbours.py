"""Whatever stands in one record of a page, it costs no other record and makes none."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streaming.page.parser import PageError
from tests.sms import parse
from tests.unit.parsed import HEADER, rules, texts

# A busy machine is slow, not wrong.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("text", ["a\rb", "\rb", "a\r\r", "a\rspam", '"a\rb"', '"a\r\nb\rc"'])
def test_a_carriage_return_inside_a_text_is_text_where_lines_end_with_a_line_feed(text: str, end: str) -> None:
    page = parse(f"v1,v2,,,{end}ham,{text},,,{end}spam,win,,,\r".encode())
    assert texts(page) == [(1, text.strip('"')), (2, "win")]
    assert page.rejected == []


def test_a_carriage_return_makes_no_record_of_the_rest_of_a_text() -> None:
    page = parse(b"v1,v2,,,\nham,fine\rspam,not a record,,,\nham,next,,,\n")
    assert (texts(page), rules(page)) == ([(2, "next")], [(1, "column_count")])


@pytest.mark.parametrize("text", ["fwd:\nspam,WIN NOW\nlol", "\nham,a\nham,b\n", "spam,a\n,"])
def test_a_line_like_a_record_inside_a_quoted_text_is_text(text: str) -> None:
    page = parse(f'v1,v2\nham,"{text}"\nham,next\n'.encode())
    assert (texts(page), page.rejected) == ([(1, text), (2, "next")], [])


@untimed
@given(
    st.lists(st.sampled_from(["£5", "Zoé", "ü…", "plain", "Ünal £"]), max_size=9),
    st.integers(0, 9),
    st.sampled_from([b"\xff", b"\xe9", b"\xc3", b"\x80\x80", b"\xed\xa0\x80"]),
)
def test_a_foreign_byte_costs_its_own_record_only(clean: list[str], place: int, foreign: bytes) -> None:
    lines = [f"ham,{text},,,".encode() for text in clean]
    place = min(place, len(lines))
    page = parse(HEADER + b"\r\n".join([*lines[:place], b"ham,a " + foreign + b" b,,,", *lines[place:]]))
    assert [text for _, text in texts(page)] == clean
    assert rules(page) == [(place + 1, "undecodable")]
    begin = len(HEADER) + sum(map(len, lines[:place])) + 2 * place + len("ham,a ")
    assert int(page.rejected[0].detail.split()[1]) in range(begin, begin + len(foreign))


@pytest.mark.parametrize("record", [b"ham\xff,a,,,", b"ham,a,\xff,,", b'ham,"a\\"\r\nham"",\xff,,', b"\xff"])
def test_a_foreign_byte_anywhere_in_a_record_rejects_it(record: bytes) -> None:
    page = parse(HEADER + "ham,£5,,,\r\nham,Zoé,,,\r\n".encode() + record + b"\r\nham,next,,,\r\n")
    assert [text for _, text in texts(page)][:2] == ["£5", "Zoé"]
    assert texts(page)[-1][1] == "next"
    assert any(record.endswith(row.raw.strip()) for row in page.rejected)


def test_a_foreign_byte_in_the_header_refuses_the_page() -> None:
    with pytest.raises(PageError, match=r"undecodable_header: byte 5 of the header: ff 0a is no UTF-8"):
        parse(b"v1,v2\xff\n" + "ham,£5\nham,Zoé\n".encode())


@pytest.mark.parametrize(
    ("lines", "loaded", "broken"),
    [
        # Up to the end of the page, up to the next quote, and up to a quote that looks like the closing one.
        ([b'ham,"open,,,', b"ham,b,,,", b"ham,c,,,"], [(2, "b"), (3, "c")], [1]),
        ([b'ham,"open,,,', b"ham,b,,,", b'ham,"c",,,', b"ham,d,,,"], [(2, "b"), (3, "c"), (4, "d")], [1]),
        ([b'ham,"open', b"ham,b,,,", b'ham,c",,,'], [(2, "b"), (3, 'c"')], [1]),
        # A record of several lines behind a broken one is still read as one.
        ([b'ham,"open,,,', b'ham,"b', b'c",,,', b"ham,d,,,"], [(2, "b\r\nc"), (3, "d")], [1]),
    ],
)
def test_a_quote_that_never_closes_costs_its_own_line_only(
    lines: list[bytes], loaded: list[tuple[int, str]], broken: list[int]
) -> None:
    page = parse(HEADER + b"\r\n".join(lines) + b"\r\n")
    assert texts(page) == loaded
    assert rules(page) == [(row, "broken_quotes") for row in broken]

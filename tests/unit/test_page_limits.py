"""What exceeds a cap is refused by name: the page where it breaks the page, else the record alone."""

from dataclasses import fields

import pytest

from streaming.page.parser import Limits, Page, PageError
from tests.sms import parse

HEADER = b"v1,v2,,,\n"


def texts(page: Page) -> list[tuple[int, int, str]]:
    return [(message.source_row, message.source_part, message.text) for message in page.messages]


def rejected(page: Page) -> list[tuple[int, str, str]]:
    return [(row.source_row, row.rule, row.detail) for row in page.rejected]


def swallowed(count: int, width: int, text: bytes = b"a") -> bytes:
    r"""A record of this many columns that swallowed this many others, each with one quote at its end."""
    return b"ham," + (b'"' + text + b'\\""\nham""",') * count + b"z" + b"," * (width - count - 2) + b"\n"


def wide(columns: int) -> bytes:
    return b"v1,v2" + b"," * (columns - 2) + b"\n"


@pytest.mark.parametrize(
    ("body", "limits", "refusal"),
    [
        (HEADER + b"ham,a,,,\r\nham,b,,,\r\n", Limits(lines=2), "too_many_lines: the object has 3 line ends"),
        (b"v1,v2,,,\rham,a,,,\rham,b,,,\r", Limits(lines=2), "too_many_lines: the object has 3 line ends"),
        (b"label,text,x\nham,a,1\n", Limits(columns=2), "too_many_columns: 2 commas in the header"),
        (b"label,text,xxxxxx\nham,a,1\n", Limits(header_bytes=17), "line_too_long: the header has 18 bytes"),
        (b"label,text,xxxxxx\nham,a,1\n", Limits(line_bytes=17), "line_too_long: the header has 18 bytes"),
        (b"label,text,xxxxxx\nham,a,1\nham,a,1\n", Limits(rows_bytes=150), "too_much_text: the rows of 2 records"),
        (b"label,text\nx\nx\nx\n", Limits(rows_bytes=200), "too_much_text: the rows of 3 records"),
    ],
)
def test_a_page_that_exceeds_a_cap_is_refused(body: bytes, limits: Limits, refusal: str) -> None:
    with pytest.raises(PageError) as caught:
        parse(body, limits)
    assert str(caught.value).startswith(refusal)


@pytest.mark.parametrize(
    ("body", "limits"),
    [
        (HEADER + b"ham,a,,,\r\nham,b,,,\r\n", Limits(lines=3)),
        (b"label,text,x\nham,a,1\nham,b,1", Limits(columns=3)),
        (b"label,text,xxxxxx\nham,a,1\nham,b,1\n", Limits(header_bytes=18, line_bytes=18)),
        (b"label,text,xxxxxx\nham,a,1\nham,b,1\n", Limits(rows_bytes=2_000)),
    ],
)
def test_a_page_that_just_keeps_a_cap_is_read(body: bytes, limits: Limits) -> None:
    assert [text for _, _, text in texts(parse(body, limits))] == ["a", "b"]


@pytest.mark.parametrize(
    ("record", "limits", "rule", "detail"),
    [
        (b"ham," + b"x" * 93 + b",,,\n", Limits(line_bytes=100), "line_too_long", "the line has 101 bytes"),
        (b"\xe5_\xff" * 33 + b",,,\n", Limits(line_bytes=100), "line_too_long", "the line has 103 bytes"),
        (b"ham," + b"x" * 101 + b",,,\n", Limits(text_bytes=100), "text_too_long", "text has 101 bytes"),
        (swallowed(3, 5), Limits(recovered_parts=2), "too_many_parts", "3 records inside, at most 2"),
        # Its raw text, 20 bytes, would stand in three more rows.
        (swallowed(3, 5), Limits(recovered_bytes=50), "too_many_parts", "3 records inside repeat"),
    ],
)
def test_a_record_that_exceeds_a_cap_is_rejected_alone_with_its_bytes(
    record: bytes, limits: Limits, rule: str, detail: str
) -> None:
    page = parse(wide(5) + b"ham,before,,,\n" + record + b"ham,after,,,\n", limits)
    assert texts(page) == [(1, 0, "before"), (3, 0, "after")]
    assert [(row.source_row, row.rule, row.raw) for row in page.rejected] == [(2, rule, record)]
    assert page.rejected[0].detail.startswith(detail)


def test_a_line_just_as_long_as_it_may_be_is_read() -> None:
    record = b"ham," + b"x" * 92 + b",,,\n"
    assert len(parse(HEADER + record, Limits(line_bytes=len(record))).messages) == 1


def test_as_many_recovered_records_as_there_may_be_are_recovered() -> None:
    assert texts(parse(wide(5) + swallowed(2, 5), Limits(recovered_parts=2))) == [
        (1, 0, 'a"'),
        (1, 1, 'a"'),
        (1, 2, "z"),
    ]


def test_a_quote_that_stays_open_for_too_long_costs_its_own_line_only() -> None:
    body = HEADER + b'ham,"open,,,\n' + b"ham,b,,,\nx\n" * 20
    page = parse(body, Limits(line_bytes=60))
    assert texts(page) == [(row, 0, "b") for row in range(2, 41, 2)]
    assert rejected(page)[0] == (1, "broken_quotes", "a quoted field does not close within 60 bytes")


def test_a_quoted_record_of_several_lines_may_have_as_many_bytes_as_one_line() -> None:
    record = b'ham,"a\nb\nc",,,\n'
    assert texts(parse(HEADER + record, Limits(line_bytes=len(record)))) == [(1, 0, "a\nb\nc")]
    assert [rule for _, rule, _ in rejected(parse(HEADER + record, Limits(line_bytes=len(record) - 1)))] == [
        *("broken_quotes", "column_count", "column_count")
    ]


def test_a_line_that_is_too_long_to_be_read_has_no_say_in_the_encoding() -> None:
    page = parse(HEADER + "ham,Zoé,,,\n".encode() + b"\xff" * 30 + b"\n", Limits(line_bytes=20))
    assert (texts(page), [rule for _, rule, _ in rejected(page)]) == ([(1, 0, "Zoé")], ["line_too_long"])


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (wide(100_000) + b"ham,a" + b"," * 99_998, "too_many_columns"),
        (HEADER + b"\n" * 16_000_000, "too_many_lines"),
        (b"x" * 32_000_000, "line_too_long"),
        (b"label,text," + b"x" * 60_000 + b"\n" + b"ham,a,1\n" * 100_000, "too_much_text"),
    ],
    ids=["100,000 columns", "16 MB of line ends", "32 MB without a line end", "a column name repeated 100,000 times"],
)
def test_absurd_pages_are_refused_with_the_default_caps(body: bytes, rule: str) -> None:
    with pytest.raises(PageError) as caught:
        parse(body)
    assert caught.value.rule == rule


@pytest.mark.parametrize(
    ("record", "rule"),
    [
        (b"ham," + b"x" * 20_000_000 + b"\n", "line_too_long"),
        (b'"' * 20_000_000 + b"\n", "line_too_long"),
        (b"," * 4_000_000 + b"\n", "column_count"),
        (b'"' * 4_000_000 + b"\n", "column_count"),
        (swallowed(900, 902), "too_many_parts"),
        (swallowed(10, 902, b"x" * 20_000), "too_many_parts"),
    ],
    ids=["20 MB", "20 MB of quotes", "4 MB of commas", "4 MB of quotes", "900 swallowed", "a long text 10 times"],
)
def test_absurd_records_are_rejected_alone_with_the_default_caps(record: bytes, rule: str) -> None:
    page = parse(wide(902) + b"ham,before" + b"," * 900 + b"\n" + record + b"ham,after" + b"," * 900 + b"\n")
    assert texts(page) == [(1, 0, "before"), (3, 0, "after")]
    assert [(row, found) for row, found, _ in rejected(page)] == [(2, rule)]


def test_every_cap_has_a_default_and_is_at_least_one() -> None:
    assert all(isinstance(cap.default, int) and cap.default >= 1 for cap in fields(Limits))

"""A record is found on its page by its number: where it begins, its bytes, and what the parser makes of them."""

import pytest

from streaming.page import parser
from tests.sms import located, parse
from tests.unit.audited import page

BROKEN = [
    page("a", "b", rejected=2),
    b'v1,v2\nham,"two\nlines"\n\nspam,x\n',
    b'v1,v2\nham,"never closed\nspam,x\nham,y',
    b'\xef\xbb\xbfv1,v2,,,\r\nham,a \\"quote,"\r\nspam,caf\x8e\r\n',
    b'v1,v2,,,\nham,"ends ""\nspam,"",next""",,,\n',
]


@pytest.mark.parametrize("content", BROKEN)
def test_the_records_of_all_numbers_are_what_the_parser_counts(content: bytes) -> None:
    found = parse(content)
    records = [located(content, number) for number in range(1, found.records + 1)]
    made = [one for record in records if record and isinstance(record.found, list) for one in record.found]
    rejected = [record.raw for record in records if record and not isinstance(record.found, list)]
    assert made == found.messages
    assert rejected == [one.raw for one in found.rejected]
    assert all(record and content[record.offset :].startswith(record.raw) for record in records)


@pytest.mark.parametrize("number", [0, 5, 99])
def test_a_page_has_no_record_behind_its_last(number: int) -> None:
    assert located(page("a", "b", rejected=2), number) is None


def test_an_object_that_is_no_page_is_refused_as_ever() -> None:
    with pytest.raises(parser.PageError, match="compressed"):
        located(b"PK\x03\x04", 1)

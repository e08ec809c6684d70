"""The quick ways through a page give what the careful ones give: for the real export, and for pages made of all its oddities."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from conf.settings import load
from streaming.page import header, records
from streaming.page.checks import Flaw
from streaming.page.lines import cut
from streaming.page.messages import Message, Reading, careful, plain
from streaming.page.parser import Limits, Page, RejectedRow
from streaming.page.records import Record, Source, carefully, split
from tests.sms import CHAINS, SMS, parse

# A busy machine is slow, not wrong.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

LIMITS = Limits(line_bytes=200, text_bytes=60)
HEADERS = ("v1,v2,,,", "v1,v2", "v2,v1,", "v1,lang,v2,")
MARKS = (b",", b",,,", b'"', b'""', b"\\", b'\\"', b"\n", b"\r\n", b"\r", b" ", b"\t", b"\x00", b"\x1b", b"&lt;", b"&#")
WORDS = (b"ham", b"spam", b"eggs", b"hello", b"x" * 61, b"y" * 200, b"\xe5\xa3", b"\xcc_", "ü…".encode(), b"\x8e")
RECORDS = (b"ham,fine,,,\r\n", b"spam,win,,,\n", b'ham,"a, b",,,\n', b"ham,a &amp; b,,,\n", b'ham,"two\nlines",,,\n')
pages = st.lists(st.sampled_from((*MARKS, *WORDS, *RECORDS)), max_size=40).map(b"".join)


def reading(page: bytes, line: str, limits: Limits) -> Reading:
    source = Source(cut(page, limits.lines), header.read(line, SMS), limits.line_bytes, SMS.labels)
    return Reading(source, SMS, CHAINS, limits)


def require_equal(one: Reading) -> int:
    """How many records the quick way took."""
    found_records = list(split(one.source, 0))
    assert found_records == all_carefully(one.source)
    quick = 0
    for number, record in enumerate(found_records, 1):
        raw = one.source.raw(record)
        [found] = plain([record.fields], number, one)
        assert found is None or [found] == careful(number, record, raw, one)
        quick += found is not None
    return quick


def all_carefully(source: Source, start: int = 0) -> list[Record]:
    end = len(source.lines.raw)
    return list(carefully(source, start, end)) if end else []


@untimed
@given(pages, st.sampled_from(HEADERS))
@example(b"ham,a\\b,,,\n", HEADERS[0])
@example(b"ham, ,,,\n", HEADERS[0])
def test_whatever_stands_in_a_page(page: bytes, line: str) -> None:
    require_equal(reading(page, line, LIMITS))


@untimed
@given(pages, st.integers(1, 200))
def test_also_where_a_page_is_longer_than_what_is_read_at_once(page: bytes, at_once: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "AT_ONCE_BYTES", at_once)
        require_equal(reading(page, HEADERS[0], LIMITS))


def one_by_one(one: Reading, start: int) -> Page:
    """What the page holds from this line on, each record taken by itself and carefully."""
    found_records = all_carefully(one.source, start)
    taken: list[Message] = []
    rejected: list[RejectedRow] = []
    for number, record in enumerate(found_records, 1):
        raw = one.source.raw(record)
        found = careful(number, record, raw, one)
        if isinstance(found, Flaw):
            rejected.append(RejectedRow(number, *found, raw))
        else:
            taken += found
    return Page(len(found_records), taken, rejected)


@untimed
@given(pages, st.sampled_from(HEADERS), st.integers(1, 200))
def test_a_whole_page_is_its_records_one_by_one(body: bytes, line: str, at_once: int) -> None:
    page = f"{line}\n".encode() + body
    whole = reading(page, line, LIMITS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "AT_ONCE_BYTES", at_once)
        found = parse(page, LIMITS)
    assert found == one_by_one(whole, 1)


def test_the_real_export_most_of_which_goes_the_quick_way() -> None:
    export = load().source.sms_spam_csv
    if export is None:
        pytest.skip("SMS_SPAM_CSV is not set")
    page = export.read_bytes()
    assert require_equal(reading(page, HEADERS[0], Limits())) > 0.8 * page.count(b"\n")

"""Bytes of a page in; messages and rejected rows out, with every record accounted for."""

import json
import pickle

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streaming.page.parser import Limits, Message, Page, PageError
from streaming.page.plausibility import strangeness
from tests.sms import parse
from tests.unit.parsed import HEADER, texts

# A busy machine is slow, not wrong.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

LONGEST = Limits().text_bytes


def test_a_clean_record_becomes_a_message_as_it_stands() -> None:
    assert parse(HEADER + b'ham,"Ok, ""lar"" &lt;#&gt;",,,\r\n') == Page(
        1, [Message("ham", 'Ok, "lar" &lt;#&gt;', 'Ok, "lar" <#>', 'Ok, "lar" &lt;#&gt;', None, None, 1, 0)], []
    )


def test_a_damaged_record_keeps_its_text_before_the_repair_and_names_the_rules() -> None:
    assert parse(HEADER + b'ham,\\alright babe," i\xe5\xd5d say \xcc_\\""!""",,\r\n').messages == [
        Message(
            label="ham",
            text='"alright babe, i\x92d say ü"!',
            text_unescaped='"alright babe, i\x92d say ü"!',
            text_raw='\\alright babe, iÂ\u2019d say Ã_\\"!"',
            repair="spilled_columns+escaped_quotes+mac_roman+lost_byte_by_table",
            rescued=None,
            source_row=1,
            source_part=0,
        )
    ]


def test_the_raw_text_of_a_damaged_page_gives_its_bytes_again() -> None:
    every = bytes(range(0x80, 0x100))
    (row,) = parse(HEADER + b"ham," + every + b",,,").rejected
    assert every in row.raw
    (message,) = parse(HEADER + b"ham,\xe5\xa35,,,").messages
    assert message.text_raw.encode("mac_roman") == b"\xe5\xa35"


def test_a_recovered_record_is_a_part_of_its_host_and_no_record_of_its_own() -> None:
    page = parse(HEADER + b'ham,"u soon \\""\rspam""",Win now,,\r\nham,next,,,\r\n')
    assert page.records == 2
    assert [(m.source_row, m.source_part, m.label, m.text) for m in page.messages] == [
        (1, 0, "ham", 'u soon "'),
        (1, 1, "spam", "Win now"),
        (2, 0, "ham", "next"),
    ]
    assert page.messages[1].text_raw == page.messages[0].text_raw == 'u soon \\"\rspam",Win now'


@pytest.mark.parametrize(
    "body",
    [
        b"label,text\nham,hi\nspam,win\n",
        b"label,text\r\nham,hi\r\nspam,win",
        b"label,text\rham,hi\rspam,win\r",
        b"v1,v2,,,\r\r\nham,hi,,,\r\r\nspam,win,,,\r\r\n",
        b"\xef\xbb\xbflabel,text\nham,hi\n\n\nspam,win\n\n",
        b"v1,v2,,,\nham,hi,,,\nspam,win,,,\n",
        b'Text , LABEL\nhi,ham\n"win",spam\n',
    ],
)
def test_line_ends_marks_order_and_case_of_columns_do_not_matter(body: bytes) -> None:
    page = parse(body)
    assert [(message.label, message.text) for message in page.messages] == [("ham", "hi"), ("spam", "win")]
    assert page.records == 2


@pytest.mark.parametrize("body", [HEADER, b"label,text", b"\xef\xbb\xbfv1,v2,,,\r\n\r\n"])
def test_a_header_alone_is_a_page_without_records(body: bytes) -> None:
    assert parse(body) == Page(0, [], [])


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_valid_utf8_page_gets_no_encoding_repair(mark: bytes) -> None:
    (message,) = parse(mark + HEADER + "ham,Â£5 ü_ … 😂,,,".encode()).messages
    assert (message.text, message.repair) == ("Â£5 ü_ … 😂", None)


def test_quoted_line_ends_stay_in_the_text_and_make_one_record() -> None:
    page = parse(HEADER + b'ham,"a\r\nb\nc\rd\n\ne",,,\r\nham,f,,,\r\n')
    assert (page.records, texts(page)) == (2, [(1, "a\r\nb\nc\rd\n\ne"), (2, "f")])


@pytest.mark.parametrize(
    ("body", "rescued"),
    [
        (b'label,lang,text,seen\nham,en,hi,"a ""b"""\n', {"lang": "en", "seen": 'a "b"'}),
        (b"label,lang,text,seen\nham,,hi,3\n", {"seen": "3"}),
        (b",v1,v2\n7,ham,hi\n", {"column 1": "7"}),
        (b"v1,v2,name\nham,hi,Zo\xcc\xa9 \xe5\xa3\n", {"name": "Zoé £"}),
    ],
)
def test_unknown_columns_are_rescued(body: bytes, rescued: dict[str, str]) -> None:
    (message,) = parse(body).messages
    assert message.rescued is not None
    assert json.loads(message.rescued) == rescued


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n", "empty"),
        (b"PK\x03\x04...", "compressed"),
        (b"\xef\xbb\xbf\x1f\x8b\x08\x00", "compressed"),
        (b"v1;v2;;;\nham;hi;;;\n", "wrong_separator"),
        (b"label\ttext\nham\thi\n", "wrong_separator"),
        (b"ham,Ok lar,,,\n", "missing_columns"),
        (b"v1,message\nham,hi\n", "missing_columns"),
        (b"<html><body>503</body></html>", "missing_columns"),
        (b"v1,v2,text\nham,hi,ho\n", "duplicate_columns"),
        (b"v1,v2,a,a\nham,hi,1,2\n", "duplicate_columns"),
        (b'v1,"v2\nham,hi\n', "broken_header"),
        (b"v1,v2,caf\x8e\nham,hi,1\n", "undecodable_header"),
    ],
)
def test_an_object_that_is_no_page_is_refused_as_a_whole(body: bytes, rule: str) -> None:
    with pytest.raises(PageError) as caught:
        parse(body)
    assert caught.value.rule == rule
    assert caught.value.detail


def test_a_page_error_survives_the_way_from_an_executor() -> None:
    error = pickle.loads(pickle.dumps(PageError("empty", "0 bytes")))  # noqa: S301  # our own bytes
    assert (error.rule, error.detail) == ("empty", "0 bytes")


@pytest.mark.parametrize(
    ("record", "rule", "detail"),
    [
        (b"eggs,hi,,,", "unknown_label", "eggs"),
        (b"HAM,hi,,,", "unknown_label", "HAM"),
        (b"ham,,,,", "empty_text", "''"),
        (b'ham," \t ",,,', "empty_text", "' \\t '"),
        (b"ham,a\x00b,,,", "control_character", "U+0000 at character 1"),
        (b"ham,ab\x1b,,,", "control_character", "U+001B at character 2"),
        (b"ham,hi", "column_count", "2 columns, the header has 5"),
        (b"ham,a,b,c,d,e", "column_count", "6 columns, the header has 5"),
        (b"ham,one, two,,", "unexplained_columns", "' two'"),
        (b'ham,"a"b,,,', "broken_quotes", "expected after"),
        (b'ham,"a,,,', "broken_quotes", "unexpected end"),
        (b"ham," + b"x" * (LONGEST + 1) + b",,,", "text_too_long", "1000001 bytes"),
    ],
)
def test_a_bad_record_is_rejected_alone_with_its_bytes(record: bytes, rule: str, detail: str) -> None:
    page = parse(HEADER + b"ham,before,,,\r\n" + record + b"\r\nham,after,,,\r\n")
    assert (page.records, texts(page)) == (3, [(1, "before"), (3, "after")])
    assert [(row.source_row, row.rule, row.raw) for row in page.rejected] == [(2, rule, record + b"\r\n")]
    assert detail in page.rejected[0].detail


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("text", [b"caf\x8e", b"\xa3"])
def test_bytes_that_the_chain_cannot_explain_are_rejected_with_their_place_in_the_page(
    text: bytes, mark: bytes
) -> None:
    body = mark + HEADER + b"ham,\xe5\xa35,,,\r\nham," + text + b",,,\r\n"
    (row,) = parse(body).rejected
    place = body.rindex(text) + next(index for index, byte in enumerate(text) if byte >= 0x80)
    assert (row.rule, row.source_row) == ("undecodable", 2)
    assert row.detail.startswith(f"byte {place} of the page")


def test_a_lost_byte_that_nothing_decides_stays_visible_and_is_marked() -> None:
    (message,) = parse(HEADER + b"ham,half \xe5_ price \xe5\xa35,,,\r\n").messages
    # As it stands on the page, in Mac Roman; the pound sign is put right.
    assert (message.text, message.repair) == ("half Â_ price £5", "mac_roman+lost_byte_left")


def test_the_longest_text_allowed_is_taken() -> None:
    assert parse(HEADER + b"ham," + b"x" * LONGEST + b",,,").rejected == []


def test_tabs_and_the_controls_of_the_original_are_text() -> None:
    assert texts(parse(HEADER + b"ham,a\tb i\xe5\xd5d,,,")) == [(1, "a\tb i\x92d")]


@untimed
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(lambda t: not t.isspace())))
def test_a_clean_page_of_any_text_is_loaded_unchanged_or_less_strange(lines: list[str]) -> None:
    """Characters at random can be what a damage leaves: then the row says so, and its text looks better for it."""
    sent = [line for line in lines if "\\" not in line]
    quoted = ("ham,{}".format('"' + line.replace('"', '""') + '"') for line in sent)
    page = parse(b"label,text\n" + "\n".join(quoted).encode())
    for line, message in zip(sent, page.messages, strict=True):
        assert message.text == line or (message.repair and strangeness(message.text) <= strangeness(line))

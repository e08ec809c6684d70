"""An object is read for what its bytes are: three forms of a page, each also in gzip and UTF-16."""

import gzip
import json
import zlib

import pytest

from streaming.page.parser import Limits, Message, PageError
from tests.sms import located, parse

SENT = [("ham", 'Go until "jurong" point, \\crazy\\"'), ("spam", "WIN £500 now…"), ("ham", "你好, Zoé")]
TAB_SEPARATED = "".join(f"{label}\t{text}\n" for label, text in SENT).encode()
JSON_LINES = "".join(json.dumps({"v2": text, "LABEL": label}) + "\n" for label, text in SENT).encode()
CSV = ("v1,v2\r\n" + "".join('{},"{}"\r\n'.format(one, text.replace('"', '""')) for one, text in SENT[1:])).encode()


def pairs(body: bytes) -> list[tuple[str | None, str]]:
    return [(message.label, message.text) for message in parse(body).messages]


@pytest.mark.parametrize(
    ("body", "expected"),
    [(TAB_SEPARATED, SENT), (JSON_LINES, SENT), (CSV, SENT[1:])],
    ids=["tab-separated", "JSON lines", "CSV"],
)
def test_each_form_gives_its_messages_as_it_is_and_in_gzip_and_utf_16(
    body: bytes, expected: list[tuple[str, str]]
) -> None:
    in_utf_16 = body.decode().encode("utf-16")
    for one in (body, b"\xef\xbb\xbf" + body, gzip.compress(body), in_utf_16, gzip.compress(in_utf_16)):
        assert pairs(one) == expected
    assert [message.repair for message in parse(body).messages] == [None] * len(expected)


def test_a_big_endian_page_and_one_of_several_gzip_members_are_read() -> None:
    assert pairs(b"\xfe\xff" + TAB_SEPARATED.decode().encode("utf-16-be")) == SENT
    first, second = TAB_SEPARATED[:9], TAB_SEPARATED[9:]
    assert pairs(gzip.compress(first) + gzip.compress(second) + bytes(8)) == SENT


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (gzip.compress(CSV, mtime=0)[:-9], "broken_gzip"),
        (gzip.compress(CSV, mtime=0)[:12], "broken_gzip"),
        (gzip.compress(CSV, mtime=0)[:-8] + bytes(8), "broken_gzip"),
        (gzip.compress(CSV, mtime=0) + b"rubbish", "broken_gzip"),
        (gzip.compress(gzip.compress(CSV, mtime=0), mtime=0), "compressed"),
        (gzip.compress(b"PK\x03\x04", mtime=0), "compressed"),
        (gzip.compress(b"", mtime=0), "empty"),
        (b"\xff\xfe\x00\xd8v\x00", "broken_utf_16"),
        (b"\xfe\xffa", "broken_utf_16"),
    ],
)
def test_what_is_broken_inside_is_refused_by_name(body: bytes, rule: str) -> None:
    with pytest.raises(PageError) as caught:
        parse(body)
    assert caught.value.rule == rule


def test_no_more_is_inflated_than_a_page_may_have() -> None:
    body, limits = gzip.compress(CSV, mtime=0), Limits(inflated_bytes=len(CSV))
    assert len(parse(body, limits).messages) == 2
    with pytest.raises(PageError, match=f"inflates_too_far: more than {len(CSV) - 1} bytes"):
        parse(body, Limits(inflated_bytes=len(CSV) - 1))


def test_a_tab_separated_line_without_a_tab_or_with_another_label_is_rejected_alone() -> None:
    page = parse(b"ham\tfine\r\nno tab\r\n\r\neggs\thi\r\nham\t\r\nspam\ta\tb\r\n")
    assert [(row.source_row, row.rule, row.raw) for row in page.rejected] == [
        (2, "column_count", b"no tab\r\n"),
        (3, "unknown_label", b"eggs\thi\r\n"),
        (4, "empty_text", b"ham\t\r\n"),
    ]
    assert pairs(b"ham\tfine\nspam\ta\tb\n") == [("ham", "fine"), ("spam", "a\tb")]
    assert page.records == 5


def test_a_tab_separated_line_has_no_escapes_but_the_damage_of_its_feed() -> None:
    (message,) = parse(b'ham\ti\xe5\xd5d say \\"hi\\"\n').messages
    assert message == Message(
        *("ham", 'i\x92d say \\"hi\\"', 'i\x92d say \\"hi\\"', 'iÂ’d say \\"hi\\"', "mac_roman", None, 1, 0)
    )


@pytest.mark.parametrize(
    ("line", "rule", "detail"),
    [
        ('{"label":"ham"}', "missing_fields", "no text or v2 among ['label']"),
        ("{}", "missing_fields", "no label or v1 or text or v2 among []"),
        ('{"label":"ham","text":5}', "missing_fields", "text is 5, a text is expected"),
        ('{"label":null,"text":"a"}', "missing_fields", "label is None, a text is expected"),
        ('{"label":"ham","text":"a"', "broken_json", "Expecting ',' delimiter"),
        ('["ham","a"]', "broken_json", "an object is expected"),
        ('{"label":"ham","text":"a","text":"b"}', "broken_json", "'text' stands twice"),
        ('{"label":"ham","text":"a","x":{"y":1,"y":2}}', "broken_json", "'y' stands twice"),
        ('{"label":"ham","text":"a","V2":"b"}', "broken_json", "text stands twice, once as 'V2'"),
        ('{"label":"ham","text":"\\ud800"}', "broken_json", "surrogates not allowed"),
        ('{"label":"ham","text":"a","x":NaN}', "broken_json", "NaN is no number"),
        ('{"label":"ham","text":"a","x":1e999}', "broken_json", "Out of range"),
        ('{"label":"ham","text":"a","x":' + "1" * 4301 + "}", "broken_json", "4300"),
        ('{"label":"ham","text":"a","x":' + "[" * 5000 + "]" * 5000 + "}", "broken_json", "nested too deep"),
        ('{"label":"eggs","text":"a"}', "unknown_label", "expected one of ham, spam"),
        ('{"label":"ham","text":"a\\u0000"}', "control_character", "U+0000"),
    ],
)
def test_a_line_that_is_no_record_of_json_is_rejected_alone(line: str, rule: str, detail: str) -> None:
    page = parse(f'{{"label":"ham","text":"before"}}\n{line}\n{{"label":"ham","text":"after"}}\n'.encode())
    assert [message.text for message in page.messages] == ["before", "after"]
    ((number, found, said, raw),) = [(row.source_row, row.rule, row.detail, row.raw) for row in page.rejected]
    assert (number, found, raw) == (2, rule, f"{line}\n".encode())
    assert detail in said


def test_members_that_the_feed_does_not_know_are_rescued_and_damage_is_undone() -> None:
    line = '{"text": "Ð¿Ñ€Ð¸Ð²ÐµÑ‚", "label": "ham", "from": {"n": [1, 2.5, null]}, "Ã©tat": "Ð´Ð°"}\n'
    (message,) = parse(line.encode()).messages
    assert (message.text, message.text_raw, message.repair) == ("привет", "Ð¿Ñ€Ð¸Ð²ÐµÑ‚", "guessed_cp1252")
    assert json.loads(message.rescued or "") == {"from": {"n": [1, 2.5, None]}, "état": "да"}


def test_damage_behind_escapes_is_undone_as_well() -> None:
    (message,) = parse(b'{"label":"ham","text":"caf\\u00c3\\u00a9"}\n').messages
    assert (message.text, message.text_raw, message.repair) == ("café", "cafÃ©", "guessed_cp1252")


@pytest.mark.parametrize("body", [TAB_SEPARATED, JSON_LINES, gzip.compress(TAB_SEPARATED, mtime=0)])
def test_a_record_is_found_by_its_number_in_every_form(body: bytes) -> None:
    text = zlib.decompress(body, 31) if body.startswith(b"\x1f\x8b") else body
    for number, (line, message) in enumerate(zip(text.splitlines(True), parse(body).messages, strict=True), 1):
        found = located(body, number)
        assert found is not None
        assert (found.offset, found.raw, found.found) == (text.index(line), line, [message])
    assert located(body, 4) is None


def test_a_line_that_is_too_long_is_rejected_alone() -> None:
    page = parse(b"ham\tfine\nham\t" + b"x" * 60 + b"\nspam\twin\n", Limits(line_bytes=30))
    assert [(row.source_row, row.rule) for row in page.rejected] == [(2, "line_too_long")]
    assert [message.text for message in page.messages] == ["fine", "win"]

"""Pages of the dataset: no record is cut, no byte is lost."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from conf import settings
from source_api.pages import Page, Sheet, ruled

FIELDS = st.text(alphabet='ab,"\n\rü_', max_size=8)
ROWS = st.lists(st.lists(FIELDS, min_size=2, max_size=4).filter(any), max_size=12)
LINE_ENDS = st.sampled_from(["\n", "\r\n"])


def written(rows: list[list[str]], line_end: str, *, final: bool) -> bytes:
    """A file with these rows below the header `v1,v2`, every field quoted."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows([["v1", "v2"], *rows])
    return (text.getvalue() if final else text.getvalue().removesuffix(line_end)).encode()


def cut(sheet: Sheet, size: int) -> list[Page]:
    return [sheet.page(first, size) for first in range(0, sheet.records, size)]


def joined(sheet: Sheet, pages: list[Page]) -> bytes:
    return sheet.header + b"".join(page.content.removeprefix(sheet.header) for page in pages)


def parsed(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


@effort(deadline=None)
@given(rows=ROWS, line_end=LINE_ENDS, final=st.booleans(), size=st.integers(1, 15))
def test_pages_hold_whole_records_and_joined_are_the_file(
    rows: list[list[str]], line_end: str, final: bool, size: int
) -> None:
    file = written(rows, line_end, final=final)
    sheet = ruled(file)
    pages = cut(sheet, size)
    assert joined(sheet, pages) == file
    assert [parsed(page.content)[1:] for page in pages] == [rows[at : at + size] for at in range(0, len(rows), size)]
    assert [page.records for page in pages] == [len(rows[at : at + size]) for at in range(0, len(rows), size)]


@effort(deadline=None)
@given(file=st.binary() | st.text(alphabet='ab,"\n\r').map(str.encode), size=st.integers(1, 5))
def test_whatever_the_bytes_none_is_lost(file: bytes, size: int) -> None:
    sheet = ruled(file)
    assert joined(sheet, cut(sheet, size)) == file


@pytest.mark.parametrize(
    ("file", "records"),
    [
        pytest.param(b'v1,v2\nham,"a\nb"\nham,c\n', [b'ham,"a\nb"\n', b"ham,c\n"], id="quoted newline"),
        pytest.param(b'v1,v2\nham,"say ""x\ny"""\n', [b'ham,"say ""x\ny"""\n'], id="doubled quotation marks"),
        pytest.param(b'v1,v2\nham,5" disk\nham,c\n', [b'ham,5" disk\n', b"ham,c\n"], id="mark inside a bare field"),
        pytest.param(b'v1,v2\nham,"a"b"\nham,c\n', [b'ham,"a"b"\n', b"ham,c\n"], id="text behind the closing mark"),
        pytest.param(b"v1,v2\nham,a\rb\nham,c", [b"ham,a\rb\n", b"ham,c"], id="lone carriage return, no final newline"),
        pytest.param(b"v1,v2\r\nham,a\r\n\r\nham,c\r\n\r\n", [b"ham,a\r\n", b"\r\nham,c\r\n\r\n"], id="blank lines"),
        pytest.param(b'v1,v2\nham,"never closed\nham,c\n', [b'ham,"never closed\nham,c\n'], id="never closed"),
        pytest.param(b"v1,v2\n", [], id="no record"),
    ],
)
def test_records_end_where_a_csv_reader_ends_them(file: bytes, records: list[bytes]) -> None:
    sheet = ruled(file)
    assert [page.content.removeprefix(sheet.header) for page in cut(sheet, 1)] == records


def test_the_real_export_has_5572_records_and_survives_the_cutting() -> None:
    export = settings.load().source.sms_spam_csv
    if export is None:
        pytest.skip("SMS_SPAM_CSV is not set: GENERATED data only")
    sheet = ruled(export.read_bytes())
    assert sheet.records == 5572
    for size in (1, 7, 100, 10_000):
        assert joined(sheet, cut(sheet, size)) == sheet.content

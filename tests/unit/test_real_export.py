"""The real export, whole and cut into pages: how much of the clean original comes back."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from conf import settings
from streaming.page.parser import Message, Page
from tests.sms import parse

RECORDS = 5572
# Two records swallowed the next one; the text of one of those is not in the export.
MESSAGES = 5573
ORIGINAL = 5574
# Of the digests of all repaired messages, in order.
REPAIRED = "0edb83864cdc5ad603f666b9c9d979b47ea33fd3fe3637d12886bec848d499ee"


@pytest.fixture(scope="module")
def export() -> Path:
    """The export, as SMS_SPAM_CSV names it; a name that cannot be read fails the test."""
    path = settings.load().source.sms_spam_csv
    if path is None:
        pytest.skip("SMS_SPAM_CSV is not set")
    return path


@pytest.fixture(scope="module", params=[RECORDS, 100, 7, 1], ids=["whole", "pages of 100", "pages of 7", "pages of 1"])
def pages(request: pytest.FixtureRequest, export: Path) -> list[Page]:
    return [parse(page) for page in cut(export.read_bytes(), request.param)]


def cut(body: bytes, size: int) -> Iterator[bytes]:
    """Pages as the source serves them: no record of the export holds its line end, CR LF."""
    header, *records = body.rstrip().split(b"\r\n")
    for start in range(0, len(records), size):
        yield b"\r\n".join([header, *records[start : start + size], b""])


def digest(message: Message) -> str:
    return hashlib.sha256(f"{message.label}\t{message.text}".encode()).hexdigest()[:20]


def test_no_record_of_the_export_is_rejected(pages: list[Page]) -> None:
    assert [row for page in pages for row in page.rejected] == []
    assert sum(page.records for page in pages) == RECORDS
    assert sum(len(page.messages) for page in pages) == MESSAGES


def test_the_repaired_messages_are_the_same_whole_and_in_pages(pages: list[Page]) -> None:
    found = "".join(digest(message) for page in pages for message in page.messages)
    assert hashlib.sha256(found.encode()).hexdigest() == REPAIRED


def test_each_record_has_the_same_raw_text_and_repair_whole_and_in_pages(pages: list[Page], export: Path) -> None:
    def told(page: Page) -> list[tuple[str | None, str, str, str | None, int]]:
        return [(one.label, one.text, one.text_raw, one.repair, one.source_part) for one in page.messages]

    assert [message for page in pages for message in told(page)] == told(parse(export.read_bytes()))


def test_all_but_one_message_equal_the_original(pages: list[Page], export: Path) -> None:
    reference = export.with_name("original.sha256")
    if not reference.exists():
        pytest.skip(f"{reference} is not there: the digest of all messages has to do")
    expected = reference.read_text().split()
    found = [digest(message) for page in pages for message in page.messages]
    assert len(expected) == ORIGINAL
    assert (Counter(found) & Counter(expected)).total() >= 5573
    rest = iter(expected)
    assert all(message in rest for message in found), "the order of the original is kept"

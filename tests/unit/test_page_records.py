"""However the quotes of a page are broken, no line is read more than three times."""

from collections import Counter
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streaming.page import header, records
from streaming.page.lines import cut
from streaming.page.records import Source
from tests.sms import SMS

# A busy machine is slow, not wrong.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

HEADER = "v1,v2,"
MOST_BYTES = 60


class Counted(Source):
    """Counts how often each line is read."""

    reads: ClassVar[Counter[int]] = Counter()

    def text(self, index: int) -> str:
        self.reads[index] += 1
        return super().text(index)


def counted(page: bytes) -> tuple[Counter[int], int]:
    """How often each line of a page was read, and how many lines its records have."""
    Counted.reads = Counter()
    source = Counted(cut(page, 1_000_000), header.read(HEADER, SMS), MOST_BYTES, SMS.labels)
    return Counted.reads, sum(record.stop - record.start for record in records.split(source, 0))


lines = st.sampled_from(
    ["ham,a,", 'ham,"a,', 'ham,a",', 'ham,"a",', '"', '""', '"""', "", 'a"', '",,', "spam,b,", "x" * 59, "x" * 60]
)


@untimed
@given(st.lists(lines, max_size=30).map(lambda some: "\n".join([*some, ""]).encode()))
def test_no_line_is_read_more_than_three_times(page: bytes) -> None:
    reads, _ = counted(page)
    assert max(reads.values(), default=0) <= 3


@pytest.mark.parametrize(
    "page",
    [
        b'"\n' * 3000,
        b'ham,"a,\n' * 3000,
        b'ham,"a,\nham,b,\n' * 1500,
        b'"\n"a\n' * 1500,
        b'ham,"' + b"a,\n" * 3000,
        b'ham,"' + b"ham,a,\n" * 3000 + b'",\n',
    ],
)
def test_made_up_pages_are_read_at_most_three_times_and_none_of_their_lines_is_lost(page: bytes) -> None:
    reads, in_records = counted(page)
    assert max(reads.values()) <= 3
    assert in_records == len(page.splitlines())

"""A page of the original's kind: no header; each line is a label, a tab and the text as it is. Nothing is quoted or escaped."""

from collections.abc import Sequence

from streaming.page import encoding
from streaming.page.checks import Flaw
from streaming.page.encoding import UnexplainedBytesError
from streaming.page.messages import Beside, Message, Reading, checked, restored, unexplained
from streaming.page.records import BYTES, Record
from streaming.page.structure import Part

TAB = b"\t"


def is_begun_by(line: bytes, labels: Sequence[str]) -> bool:
    """Whether this first line of a page begins a tab-separated one: it starts with a label and a tab. `labels` are as in `Source`."""
    return line.startswith(tuple(label.encode(BYTES) + TAB for label in labels))


def messages(number: int, record: Record, raw: bytes, reading: Reading) -> list[Message] | Flaw:
    """The message on a line, or why it is rejected. Another tab is part of the text."""
    label, tab, text = raw.rstrip(b"\r\n").partition(TAB)
    if not tab:
        return Flaw("column_count", "no tab between label and text")
    try:
        characters = encoding.of(raw, reading.chains)
        part = restored(Part(label.decode(BYTES), text.decode(BYTES)), characters)
    except UnexplainedBytesError as error:
        return unexplained(error, record, reading)
    return checked(number, part, characters.raw(text), Beside(), reading)

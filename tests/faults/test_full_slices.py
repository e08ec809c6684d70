"""Slices and objects as large as they may be, one after the other in the same workers: none fails, and none has to be halved."""

from random import Random

from tests.bench.corpus import land, pages
from tests.faults.conftest import Scale
from tests.faults.draining import judge
from tests.faults.landing import Load
from tests.faults.ministack import MiniStack

LARGE_BYTES = 33_000_000
"""Of an object: just below STREAM_MAX_OBJECT_BYTES."""
OBJECTS = 4000
"""Of a hundred records each: more than four slices for each of two workers."""


def test_workers_decide_one_full_slice_after_the_other_in_the_memory_that_they_have(
    stack: MiniStack, scale: Scale
) -> None:
    load, query = Load(stack, scale.seed), stack.direct_query()
    load.landed += land(stack, pages(OBJECTS))
    with query:
        judge(stack, load, [query]).require_clean()
    assert "items failed" not in query.log.read_text()


def test_objects_as_large_as_may_be_are_loaded_with_short_records_and_with_long_ones(
    stack: MiniStack, scale: Scale
) -> None:
    """In the memory that a worker has by the settings: as one table of Arrow each of them took more than 1 GiB."""
    load, query = Load(stack, scale.seed), stack.direct_query()
    load.landed += land(stack, [large(size) for size in (56, 1_000, 100_000)] * 2)
    with query:
        judge(stack, load, [query]).require_clean()
    assert "items failed" not in query.log.read_text()


def large(text_bytes: int) -> bytes:
    """A page of texts of this length that nothing can compress."""
    texts = Random(text_bytes)  # noqa: S311  # the same texts in each run
    record = "ham,{},,,\r\n"
    count = LARGE_BYTES // (text_bytes + len(record))
    return "".join(["v1,v2,,,\r\n", *(record.format(text(texts, text_bytes)) for _ in range(count))]).encode()


def text(texts: Random, size: int) -> str:
    """So many characters, four bits in each."""
    return texts.randbytes(size // 2).hex()

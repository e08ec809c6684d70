"""Slices as large as they may be, one after the other in the same workers: none fails, and none has to be halved."""

from tests.bench.corpus import land, pages
from tests.faults.conftest import Scale
from tests.faults.draining import judge
from tests.faults.landing import Load
from tests.faults.ministack import MiniStack

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

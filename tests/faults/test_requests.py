"""What a micro-batch asks of the object store."""

import pytest

from tests.faults import tables
from tests.faults.conftest import Property, Scale
from tests.faults.draining import drain
from tests.faults.landing import Load
from tests.faults.ministack import MiniStack

pytestmark = pytest.mark.whole

BATCHES = 30
MOST_LISTINGS = 2


def test_a_micro_batch_lists_the_log_of_a_table_twice_at_most(
    stack: MiniStack, scale: Scale, record_property: Property
) -> None:
    load, query = Load(stack, scale.seed), stack.query(STREAM_MAX_NOTIFICATIONS="1", STREAM_TRIGGER_SECONDS="0")
    with query:
        load.land_pages(5)
        drain(stack, load, [query])
        first, before = version(stack), query.proxy.counts.copy()
        load.land_pages(BATCHES)
        drain(stack, load, [query])
        asked = query.proxy.counts - before
    batches = version(stack) - first
    told = {f"{method} {table} {kind}": round(number / batches, 2) for (method, table, kind), number in asked.items()}
    record_property("requests in a batch", told)
    assert batches >= BATCHES / 2
    assert {what: number for what, number in told.items() if "log listing" in what and number > MOST_LISTINGS} == {}


def version(stack: MiniStack) -> int:
    """That of the ledger: one more with each batch."""
    ledger = tables.opened(stack.settings, "ledger")
    return ledger.version() if ledger else -1

"""What a micro-batch asks of the object store and of Spark (P7 of docs/performance.md)."""

import pytest

from tests.faults import tables
from tests.faults.conftest import Property, Scale
from tests.faults.draining import drain
from tests.faults.landing import Load
from tests.faults.ministack import MiniStack
from tests.stack import spark_ui

pytestmark = pytest.mark.whole

BATCHES = 30
MOST_LISTINGS = 2
MOST_REQUESTS = 35
"""Beside the GET of each object."""
MOST_JOBS = 3


def test_a_micro_batch_costs_few_requests_and_jobs(stack: MiniStack, scale: Scale, record_property: Property) -> None:
    load, query = Load(stack, scale.seed), stack.query(STREAM_MAX_NOTIFICATIONS="1", STREAM_TRIGGER_SECONDS="0")
    with query:
        load.land_pages(5)
        drain(stack, load, [query])
        first, before, jobs = version(stack), query.proxy.counts.copy(), len(spark_ui.jobs(query.settings))
        load.land_pages(BATCHES)
        drain(stack, load, [query])
        asked, jobs = query.proxy.counts - before, len(spark_ui.jobs(query.settings)) - jobs
    batches = version(stack) - first
    told = {f"{method} {table} {kind}": round(number / batches, 2) for (method, table, kind), number in asked.items()}
    record_property("requests in a batch", told)
    fetches = asked["GET", stack.settings.minio.landing_bucket, "object"]
    requests = (sum(asked.values()) - fetches) / batches
    record_property("in a batch", {"requests": round(requests, 1), "jobs": round(jobs / batches, 2)})
    assert batches >= BATCHES / 2
    assert fetches == BATCHES
    assert requests <= MOST_REQUESTS
    assert 1 <= jobs / batches <= MOST_JOBS
    assert {what: number for what, number in told.items() if "log listing" in what and number > MOST_LISTINGS} == {}


def version(stack: MiniStack) -> int:
    """That of the ledger: one more with each batch."""
    ledger = tables.opened(stack.settings, "ledger")
    return ledger.version() if ledger else -1

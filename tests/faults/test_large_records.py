"""As many records as a batch may have, each as large as is read of one: they are kept, and memory stays as stated."""

from random import Random

import pytest

from streaming.events.records import VALUE_BYTES
from tests.faults.conftest import Property, Scale
from tests.faults.draining import judge
from tests.faults.landing import Load
from tests.faults.memory import excess, watched
from tests.faults.ministack import MiniStack

pytestmark = [pytest.mark.whole, pytest.mark.timeout(3600)]


@pytest.mark.case("F16", "F39")
def test_a_batch_of_them_takes_no_more_memory_than_is_stated(
    stack: MiniStack, scale: Scale, record_property: Property
) -> None:
    load, query = Load(stack, scale.seed), stack.direct_query()
    [landing, _] = stack.settings.kafka.topics
    rng = Random(scale.seed)  # noqa: S311  # bytes that nothing compresses, no secrets
    for _ in range(stack.settings.stream.max_notifications):
        load.sender.send(landing, rng.randbytes(VALUE_BYTES), "F16 large")
    load.land_pages(10)
    with query, watched(query) as most:
        verdict = judge(stack, load, [query])
    record_property("bytes", dict(most))
    verdict.require_clean()
    assert (query.exits, excess(most)) == ([], {})

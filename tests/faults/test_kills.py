"""The query is killed again and again, at named points and at any moment, while objects land: F1 and C1 to C8."""

from random import Random

import pytest

from tests.faults import killing
from tests.faults.conftest import Property, Scale
from tests.faults.draining import judge
from tests.faults.landing import Load
from tests.faults.ministack import MiniStack
from tests.faults.points import Scene

POINTS = ("C1", "C2", "C3", "C4", "C4b", "C5", "C6", "C7", "C8")
PAUSE_SECONDS = 0.2
"""Between two objects that land."""
# Small batches: the more decisions, the more often a log is checkpointed and a table compacted.
SMALL = {"STREAM_MAX_NOTIFICATIONS": "3", "STREAM_TRIGGER_SECONDS": "0"}
LARGE = {"STREAM_MAX_NOTIFICATIONS": "1000"}


@pytest.mark.case("F1", "F2", "F4", "F5", "F6", "F24", "F38")
@pytest.mark.timeout(14_400)
def test_nothing_is_lost_or_doubled_wherever_the_query_dies(
    stack: MiniStack, scale: Scale, record_property: Property
) -> None:
    load, rng = Load(stack, scale.seed), Random(scale.seed)  # noqa: S311  # moments, no secrets
    one, two = stack.query("one", **SMALL), stack.query("two", **SMALL)
    scene = Scene(one, "tree", rng, stopped_seconds=scale.stopped_seconds, other=two)
    with one, load.going_on(PAUSE_SECONDS):
        loop = killing.run(scene, scale.kills, POINTS)
        record_property("kills", [vars(kill) for kill in loop.kills])
        record_property("reached", dict(loop.reached))
    one.more |= LARGE
    with one:
        verdict = judge(stack, load, [one])
    record_property("verdict", vars(verdict))
    verdict.require_clean()
    least = min(killing.OFTEN, scale.kills // len(POINTS))
    assert {point: loop.reached[point] for point in POINTS if loop.reached[point] < least} == {}

"""Two queries with checkpoints of their own on the same tables, one or the other standing still: F47, F23."""

import re
import time
from contextlib import ExitStack
from random import Random

import pytest

from tests.faults.conftest import Property, Scale
from tests.faults.draining import judge
from tests.faults.landing import Load
from tests.faults.ministack import MiniStack
from tests.faults.points import COMMIT
from tests.faults.query import Query
from tests.faults.rules import delay
from tests.faults.waiting import until

REFUSED = "another query was first"
WINNER = re.compile(r"pid \d+")


@pytest.mark.case("F47")
@pytest.mark.timeout(7200)
def test_two_queries_beside_each_other_decide_everything_once(
    stack: MiniStack, scale: Scale, record_property: Property
) -> None:
    rng = Random(scale.seed)  # noqa: S311  # moments, no secrets
    load = Load(stack, scale.seed)
    slow = delay(lambda: rng.uniform(0.5, 4))
    small = {"STREAM_MAX_NOTIFICATIONS": "100", "STREAM_TRIGGER_SECONDS": "0"}
    one, two = stack.query("one", **small), stack.query("two", **small)
    with ExitStack() as running:
        for query in (one, two):
            running.enter_context(query.proxy.rule("PUT", COMMIT, "arrived", slow, times=float("inf")))
            running.enter_context(query)
            query.await_ready()
        pause = scale.stops * (scale.stopped_seconds + 4) / scale.objects
        with load.going_on(pause):
            for _ in range(scale.stops):
                time.sleep(rng.uniform(1, 6))
                _stand_still(rng.choice((one, two)), scale.stopped_seconds)
        verdict = judge(stack, load, [one, two])
    refusals = {query.settings.home.name: _refusals(query) for query in (one, two)}
    record_property("refusals", {name: len(lines) for name, lines in refusals.items()})
    exits = {query.settings.home.name: query.exits for query in (one, two)}
    record_property("exits", exits)
    record_property("verdict", vars(verdict))
    verdict.require_clean()
    assert not any(exits.values()), exits
    told = [line for lines in refusals.values() for line in lines]
    assert told, "none of them came late"
    assert all(WINNER.search(line) for line in told), told


@pytest.mark.whole
@pytest.mark.case("F23")
def test_two_first_starts_at_once_make_one_set_of_tables(stack: MiniStack, scale: Scale) -> None:
    load, one, two = Load(stack, scale.seed), stack.query("one"), stack.query("two")
    late = delay(lambda: 1)
    with (
        one.proxy.rule("PUT", COMMIT, "arrived", late, times=2),
        two.proxy.rule("PUT", COMMIT, "arrived", late, times=2),
        one,
        two,
    ):
        load.land_pages(5)
        verdict = judge(stack, load, [one, two])
    verdict.require_clean()


def _stand_still(query: Query, seconds: float) -> None:
    query.freeze()
    time.sleep(seconds)
    query.thaw()


def _refusals(query: Query) -> list[str]:
    return [line for line in query.log.read_text(errors="replace").splitlines() if REFUSED in line]


@pytest.mark.whole
@pytest.mark.case("F23")
def test_a_second_query_on_the_same_checkpoint_is_refused_in_one_line(stack: MiniStack) -> None:
    first, second = stack.query("one"), stack.query("two")
    (second.settings.home / "state").rmdir()
    (second.settings.home / "state").symlink_to(first.settings.home / "state")
    with first:
        first.await_ready()
        holder = first.driver()
        with second:
            until(lambda: second.exits, "the second query goes on")
        assert holder is not None
        assert holder == first.driver()
        said = second.log.read_text().strip().splitlines()
        assert f"pid {holder.pid}" in said[0]
        assert len(said) == len(second.exits)
        assert first.exits == []

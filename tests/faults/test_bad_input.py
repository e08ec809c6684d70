"""Bad bodies, odd keys, absurd records, versions that vanish, and events repeated and shuffled, all in one load.

One query takes it all; each case is then looked for in what the oracle found.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import pytest

from tests.faults import corpus, records
from tests.faults.conftest import Property, Scale
from tests.faults.draining import judge
from tests.faults.landing import Load
from tests.faults.memory import excess, watched
from tests.faults.ministack import MiniStack, ministack
from tests.faults.oracle import Verdict

pytestmark = pytest.mark.timeout(7200)

CASES = ("F4", "F5", "F7", "F8", "F9", "F10", "F11", "F12", "F13", "F14", "F16", "F18", "F44", "F45", "F52")


@dataclass(frozen=True)
class Taken:
    """What the query made of it, and what it took to do so."""

    stack: MiniStack
    load: Load
    verdict: Verdict
    exits: list[int]
    most_bytes: dict[str, int]


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory, scale: Scale, pytestconfig: pytest.Config) -> Iterator[Taken]:
    rng = Random(scale.seed)  # noqa: S311  # an order, no secrets
    with ministack(tmp_path_factory.mktemp("bad")) as stack:
        load, query = Load(stack, scale.seed), stack.query()
        load.land(scale.objects // 2)
        land_bad(load, stack)
        if pytestconfig.getoption("whole", False):
            load.put_all(corpus.GIANT, "refused")
            load.land_by_many(4 * scale.objects)
        with query, watched(query) as most:
            load.land(scale.objects // 2)
            records.repeat(stack.settings, load.sender, rng, times=2)
            verdict = judge(stack, load, [query])
            exits = query.exits.copy()
        yield Taken(stack, load, verdict, exits, most)


def land_bad(load: Load, stack: MiniStack) -> None:
    """Every bad body, every unreadable record in its topic, and every record that speaks of something else."""
    landing, control = stack.settings.kafka.topics
    load.put_all(corpus.BAD, "as parsed")
    load.put_all(corpus.CRASHING, "parsed or refused")
    load.put_all(corpus.HUGE, "parsed or refused")
    for name, value in {**records.GARBAGE, **records.ABSURD}.items():
        load.sender.send(landing, value, name)
    for name, value in {**records.GARBAGE, **records.ABSURD_CONTROL}.items():
        load.sender.send(control, value, name)
    for value in records.IGNORED.values():
        load.sender.send(landing, value)


@pytest.mark.parametrize("number", [pytest.param(case, marks=pytest.mark.case(case)) for case in CASES])
def test_it_has_its_one_outcome_with_exactly_its_rows(taken: Taken, number: str) -> None:
    assert [finding for finding in taken.verdict.findings if f"({number}" in finding] == []


@pytest.mark.case("F2", "F6", "F17", "F38", "F39")
def test_nothing_else_is_lost_doubled_or_made_up(taken: Taken, record_property: Property) -> None:
    record_property("verdict", vars(taken.verdict))
    taken.verdict.require_clean()


@pytest.mark.case("F44", "F45")
def test_the_query_is_never_started_again(taken: Taken) -> None:
    assert taken.exits == []


@pytest.mark.case("F10", "F39", "F52")
def test_no_process_takes_more_memory_than_is_stated(taken: Taken, record_property: Property) -> None:
    record_property("bytes", dict(taken.most_bytes))
    assert excess(taken.most_bytes) == {}

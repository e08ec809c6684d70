"""What is decided stays decided, and an object that takes the process with it is found out: F46, F36."""

import shutil
from dataclasses import replace

import pytest

from tests.faults import tables
from tests.faults.conftest import Scale
from tests.faults.draining import drain, judge
from tests.faults.landing import Load
from tests.faults.ministack import MiniStack
from tests.faults.points import LEDGER, ROWS
from tests.faults.rules import call, hang_up

pytestmark = pytest.mark.whole

BODY = b"v1,v2,,,\r\nham,decided before it was deleted,,,\r\neggs,no label,,,\r\n"


@pytest.mark.case("F46")
def test_a_decision_stands_though_object_and_checkpoint_are_gone(stack: MiniStack, scale: Scale) -> None:
    load, query = Load(stack, scale.seed), stack.query()
    with query:
        load.land_pages(3)
        drain(stack, load, [query])
        with (
            query.proxy.rule("PUT", LEDGER, "answered") as decided,
            query.proxy.rule(
                "PUT", ROWS, "arrived", call(lambda: query.kill("tree")), hang_up, after=decided
            ) as killed,
        ):
            landed = load.put("deleted.csv", BODY)
            assert killed.acted.wait(120)
        query.stop()
        # Between the kill and the stop a new start may already have rolled it forward: that is no harm.
        [entry] = [
            row for row in tables.rows(stack.settings, "ledger", *tables.SOURCE) if row["source_key"] == landed.key
        ]
        assert tables.identity(entry) == landed.identity
        load.delete(landed, BODY)
        shutil.rmtree(query.checkpoint)
    load.landed[-1] = replace(load.landed[-1], is_decided=True)
    with query:
        judge(stack, load, [query]).require_clean()


@pytest.mark.case("F36", "F26")
def test_an_object_that_kills_its_worker_is_kept_and_its_neighbours_load(stack: MiniStack, scale: Scale) -> None:
    load, query = Load(stack, scale.seed), stack.query()
    with (
        query.proxy.rule("GET", r"^/landing/deadly\.csv", "arrived", call(lambda: query.kill("workers")), times=1000),
        query,
    ):
        load.land_pages(10)
        load.put("deadly.csv", BODY, "F36", "refused")
        load.land_pages(10)
        judge(stack, load, [query]).require_clean()
        assert query.exits == []

"""A page that takes too long is refused by a rule, and holds up nothing; no expression of a feed's rules can change that."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from conf.tables import LEDGER, QUARANTINE
from streaming.decide import worker
from streaming.decide.slices import Item
from streaming.decide.time_limit import time_limit
from streaming.errors import OverdueError
from streaming.feeds.feed import Feed, Rule
from streaming.page.limits import DEFAULT
from tests.sms import SMS
from tests.unit.looked import LookedAt

CATASTROPHIC = r"^(\w+\s?)*$"
YEARS = "a" * 60 + "!"
PATIENCE_SECONDS = 20


def with_rule(expression: str) -> Feed:
    return replace(SMS, rules=(Rule("theirs", expression, "warn"),))


def test_a_rule_that_takes_years_costs_its_object_and_no_other(tmp_path: Path) -> None:
    lake = LookedAt(tmp_path, with_rule(f"text REGEXP '{CATASTROPHIC}'"))
    bodies = [f"v1,v2\nham,{text}\n".encode() for text in ("good", YEARS, "good as well")]
    items = [Item(lake.land(body, f"{number}.csv")) for number, body in enumerate(bodies)]
    job = replace(lake.job(), limits=replace(DEFAULT, parse_seconds=0.3))
    since = time.monotonic()
    found, _ = worker.decided(job, items, lake.fetch)
    assert time.monotonic() - since < PATIENCE_SECONDS
    [entries] = found.parts(LEDGER.name)
    assert entries.column("state").to_pylist() == ["loaded", "quarantined", "loaded"]
    [kept] = found.parts(QUARANTINE.name)
    assert kept.select(["rule", "detail"]).to_pylist() == [
        {"rule": "too_slow", "detail": "it was not read within STREAM_MAX_PARSE_SECONDS=0.3"}
    ]


@pytest.mark.parametrize("slow", [lambda: re.match(CATASTROPHIC, YEARS), lambda: time.sleep(PATIENCE_SECONDS)])
def test_what_takes_longer_is_interrupted(slow: Callable[[], object]) -> None:
    since = time.monotonic()
    with pytest.raises(OverdueError, match=r"not done within 0\.1 s"), time_limit(0.1):
        slow()
    assert time.monotonic() - since < PATIENCE_SECONDS / 2


def test_nothing_is_left_of_a_limit_that_was_kept() -> None:
    with time_limit(0.1):
        pass
    time.sleep(0.3)


def test_in_another_thread_nothing_is_interrupted() -> None:
    ended = []

    def limited() -> None:
        with time_limit(0.01):
            time.sleep(0.05)
        ended.append(True)

    thread = threading.Thread(target=limited)
    thread.start()
    thread.join()
    assert ended == [True]

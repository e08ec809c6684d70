"""Records that come in at a rate: each request gets what came in since the last."""

import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from source_api.accumulation import ALL_AT_ONCE, Accumulation
from source_api.api import application
from source_api.feed import Feed
from source_api.pages import ruled
from source_api.positions import Positions, Terms
from tests.unit.test_source_api import answering

HEADER = b"v1,v2,,,\r\n"
FILE = HEADER + b"".join(b"ham,number %d,,,\r\n" % number for number in range(100))
TERMS = Terms("sample", "real", None, sha256(FILE).hexdigest(), page_records=10)


def test_without_a_rate_all_records_are_there() -> None:
    assert (ALL_AT_ONCE.arrived(100), ALL_AT_ONCE.next_after()) == (100, 60)


@pytest.mark.parametrize(
    ("per_minute", "seconds", "arrived", "next_after"),
    [(60, 0.5, 0, 1), (60, 12.5, 12, 1), (6, 25, 2, 10), (7, 60.5, 7, 9), (6000, 60, 100, 1), (60, -5, 0, 1)],
)
def test_so_many_have_come_in_after_so_many_seconds(
    per_minute: float, seconds: float, arrived: int, next_after: int
) -> None:
    accumulation = Accumulation(per_minute, time.time() - seconds)
    assert (accumulation.arrived(100), accumulation.next_after()) == (arrived, next_after)


def test_when_it_began_is_remembered(tmp_path: Path) -> None:
    before = Positions(tmp_path / "positions.sqlite")
    assert before.since(1000.5) == 1000.5
    after = Positions(tmp_path / "positions.sqlite")  # the first one was never closed, as after kill -9
    assert after.since(2000.5) == 1000.5
    before.close()
    after.close()


@pytest.fixture
def feed_since(tmp_path: Path) -> Callable[[float], Feed]:
    def made(seconds: float) -> Feed:
        positions = Positions(tmp_path / "positions.sqlite")
        positions.settle(TERMS)
        return Feed(TERMS, ruled(FILE), positions, Accumulation(60, time.time() - seconds))

    return made


def test_each_request_gets_what_came_in_since_the_last(feed_since: Callable[[float], Feed]) -> None:
    with answering(application(feed_since(13.2))) as client:
        taken, answers = 0, []
        for key in "abcdef":
            answers.append(client.post("/pages", headers={"Idempotency-Key": key}))
            taken += int(answers[-1].headers.get("Page-Records", 0))
            if answers[-1].status_code == httpx.codes.NO_CONTENT:
                break
    # At most ten on a page; a slow machine lets a few more come in meanwhile.
    assert answers[0].headers["Page-Records"] == "10"
    assert 13 <= taken <= 40
    assert (answers[-1].status_code, answers[-1].headers["Retry-After"]) == (204, "1")

"""The versions that trainings and their repetitions read are pinned for as long as they need them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conf.tables import MESSAGES
from conf.versions import pins
from conf.versions.address import Address
from conf.versions.pins import Pin
from tests.unit.decided import decided
from training import keeping
from training.algorithms import Algorithm
from training.errors import SnapshotError
from training.request import Request


@pytest.fixture
def messages(tmp_path: Path) -> Address:
    """The versions 0 to 3."""
    return decided(tmp_path, "abc").address(MESSAGES)


@pytest.mark.parametrize("days", [0, 30])
def test_a_training_pins_its_version_by_its_own_id(messages: Address, days: float) -> None:
    request = Request(str(messages), 2, Algorithm.NAIVE_BAYES)
    before = datetime.now(UTC)
    keeping.for_training(messages, request, days)
    [found] = pins.every(messages)
    assert (found.version, found.id, found.who) == (2, request.training, f"training {request.training}")
    assert pins.holding([found], before + timedelta(days=29)) == {2}
    assert pins.holding([found], before + timedelta(days=31)) == (set() if days else {2})


def test_a_repetition_pins_for_a_day_what_nobody_else_keeps_for_as_long(messages: Address) -> None:
    now = datetime.now(UTC)
    pins.put(messages, Pin(version=1, who="anna", why="a report"))
    pins.put(messages, Pin(version=2, who="anna", why="a report", until=now + timedelta(hours=2)))
    for version in (1, 2, 3):
        keeping.for_repetition(messages, version, "b7e1")
    added = [one for one in pins.every(messages) if one.who == "repetition of b7e1"]
    assert [one.version for one in added] == [2, 3]
    assert pins.holding(added, now + timedelta(hours=23)) == {2, 3}
    assert pins.holding(added, now + timedelta(hours=25)) == set()


def test_a_version_that_does_not_exist_is_not_kept(messages: Address) -> None:
    with pytest.raises(SnapshotError, match=r"Version 9 of .* does not exist\. These versions can be read: 0 to 3\."):
        keeping.for_repetition(messages, 9, "b7e1")
    assert pins.every(messages) == []

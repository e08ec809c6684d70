"""The checkpoint is lost, half lost, old, or another stack's, in the middle of a load: F19, F43, F46."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.faults.conftest import Scale
from tests.faults.draining import drain, judge, last_batch
from tests.faults.landing import Load
from tests.faults.ministack import MiniStack, ministack
from tests.faults.query import Query
from tests.faults.waiting import comes, until

REMEDY = "Remove that folder"
SMALL = {"STREAM_MAX_NOTIFICATIONS": "3", "STREAM_TRIGGER_SECONDS": "0"}
# A batch of an old number then holds other records than it did: where batches were what is counted, some would be skipped.
LARGE = {"STREAM_MAX_NOTIFICATIONS": "100"}


def removed(checkpoint: Path, _before: Path) -> None:
    shutil.rmtree(checkpoint)


def without_offsets(checkpoint: Path, _before: Path) -> None:
    shutil.rmtree(checkpoint / "offsets")


def without_commits(checkpoint: Path, _before: Path) -> None:
    shutil.rmtree(checkpoint / "commits")


def without_the_last_offsets(checkpoint: Path, _before: Path) -> None:
    for file in (checkpoint / "offsets").glob(f"*{last_batch(checkpoint, 'commits')}*"):
        file.unlink()


def put_back(checkpoint: Path, before: Path) -> None:
    """At least three batches older than the tables."""
    assert last_batch(checkpoint, "commits") >= last_batch(before, "commits") + 3
    shutil.rmtree(checkpoint)
    shutil.copytree(before, checkpoint)


Damage = Callable[[Path, Path], None]
REFUSED: Mapping[Damage, bool] = {
    removed: False,
    put_back: False,
    without_offsets: True,
    without_commits: False,
    without_the_last_offsets: True,
}
"""Whether the query refuses to go on and names the remedy, or goes on by itself."""


@pytest.mark.case("F19", "F43")
@pytest.mark.parametrize("damage", REFUSED, ids=lambda damage: damage.__name__)
def test_a_damaged_checkpoint_loses_and_doubles_nothing(
    stack: MiniStack, scale: Scale, damage: Damage, request: pytest.FixtureRequest
) -> None:
    if damage is not put_back and not request.config.getoption("whole", False):
        pytest.skip("runs with --whole")
    load, query = Load(stack, scale.seed), stack.query(**SMALL)
    before = query.settings.home / "before"
    with query, load.going_on(0.1):
        until(lambda: last_batch(query.checkpoint, "commits") >= 2, "no batch is loaded")
        shutil.copytree(query.checkpoint, before)
        least = last_batch(before, "commits") + 4
        until(lambda: last_batch(query.checkpoint, "commits") >= least, "no more batches are loaded")
        query.stop()
        damage(query.checkpoint, before)
        load.land(20)
    query.more |= LARGE
    with query:
        if REFUSED[damage]:
            require_refusal(query)
            shutil.rmtree(query.checkpoint)
        verdict = judge(stack, load, [query])
    verdict.require_clean()


def require_refusal(query: Query) -> None:
    """It ends, says what to do about the checkpoint, and is started again in vain."""
    until(lambda: REMEDY in query.log.read_text(), f"no remedy is named in {query.log}")
    query.exits.clear()
    until(lambda: query.exits, "it goes on in spite of it")


@pytest.mark.whole
@pytest.mark.case("F19")
def test_a_checkpoint_of_another_stack_does_no_harm(stack: MiniStack, scale: Scale, tmp_path: Path) -> None:
    with ministack(tmp_path / "other") as other:
        load, query = Load(other, scale.seed), other.query()
        with query:
            load.land(50)
            drain(other, load, [query])
        foreign = tmp_path / "foreign"
        shutil.copytree(query.checkpoint, foreign)
    load, query = Load(stack, f"{scale.seed} again"), stack.query()
    load.land(30)
    with query:
        drain(stack, load, [query])
    shutil.rmtree(query.checkpoint)
    shutil.copytree(foreign, query.checkpoint)
    load.land(30)
    with query:
        if comes(lambda: REMEDY in query.log.read_text(), 30):
            shutil.rmtree(query.checkpoint)
        verdict = judge(stack, load, [query])
    verdict.require_clean()

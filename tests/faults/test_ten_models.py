"""Ten models on ten versions of a table that goes on living: each can be repeated, until its pin is taken away."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from pyspark.sql import SparkSession

from conf import jvm, session
from conf.settings import MlflowAccess
from conf.tables import MESSAGES
from conf.versions import pins
from conf.versions.address import Address
from streaming import vacuuming
from streaming.page.parser import CLEANER_VERSION
from tests.faults import tables
from tests.faults.conftest import Scale
from tests.faults.draining import drain, judge
from tests.faults.landing import Load
from tests.faults.ministack import MiniStack
from tests.faults.query import Query
from tests.spark import tracked
from tests.spark.tracked import QUIET
from tests.stack.ports import free_ports
from training import dataset, experiment, keeping, record, reproduction, snapshot
from training.algorithms import Algorithm
from training.request import Request
from training.split import Scheme
from training.stopwatch import Stopwatch
from training.verdict import Verdict

pytestmark = [pytest.mark.whole, *QUIET]

NAME = "sms-spam-of-ten"
MODELS = 10
COMPACTED = (4, 9)
"""Behind the training of these a compaction: their versions alone need the small files of the last pages."""
NEXT_CLEANER = str(int(CLEANER_VERSION) + 1)
HAM = ("are we still on for lunch", "call me when you are home", "see you at nine then", "thanks for the book")
SPAM = ("WINNER! claim your cash prize now", "free tickets, text WIN to 80086", "urgent: your account won £900")

Repeat = Callable[[str], Verdict]


def page(rng: Random) -> bytes:
    """Twenty messages, each another text."""
    rows = [f"ham,{rng.choice(HAM)} {rng.randrange(10**6)},,," for _ in range(15)]
    rows += [f"spam,{rng.choice(SPAM)} {rng.randrange(10**6)},,," for _ in range(5)]
    return "\r\n".join(["v1,v2,,,", *rows, ""]).encode("latin-1")


def land(load: Load, rng: Random, number: int) -> None:
    for _ in range(number):
        load.put(f"pages/{len(load.landed):06d}.csv", page(rng))


@pytest.fixture
def spark(stack: MiniStack, tmp_path: Path) -> Iterator[SparkSession]:
    access, [ui] = stack.settings.s3("trainer"), free_ports(1)
    started = session.start("ten models", access, ui, tmp_path / "events", session.launching(jvm.launch()))
    yield started
    started.stop()


@pytest.fixture
def server(tmp_path: Path) -> MlflowAccess:
    return tracked.store(tmp_path, NAME)


@pytest.fixture
def messages(stack: MiniStack) -> Address:
    return Address(stack.settings.minio.delta_bucket, MESSAGES.name, stack.settings.s3("trainer"))


@pytest.mark.timeout(3600)
@pytest.mark.case("F28", "F32")
def test_each_is_repeated_while_the_table_goes_on_and_none_without_its_pin(
    stack: MiniStack, scale: Scale, spark: SparkSession, server: MlflowAccess, messages: Address, tmp_path: Path
) -> None:
    load, rng, query = Load(stack, scale.seed), Random(scale.seed), stack.direct_query()  # noqa: S311  # texts, no secrets
    runs: dict[int, str] = {}
    query.start()
    for number in range(MODELS):
        # Each page is a version or two, of which one is trained on.
        land(load, rng, 3)
        drain(stack, load, [query])
        version = snapshot.resolve(messages, None)
        runs[version] = _train(spark, messages, version, server, tmp_path)
        if number in COMPACTED:
            query.stop(kill=False)
            _compact(stack)
            query.start()
    query.stop(kill=False)
    assert len(runs) == MODELS

    _restart(stack)
    query = _with_the_next_cleaner(stack, query, tmp_path)
    with query:
        land(load, rng, 5)
        judge(stack, load, [query]).require_clean()
        cleaners = {row["cleaner_version"] for row in tables.rows(stack.settings, "ledger", "cleaner_version")}
        assert cleaners == {CLEANER_VERSION, NEXT_CLEANER}
        done = vacuuming.carry_out(stack.settings, datetime.now(UTC))
        assert done["messages"].error is None
        assert _verdicts(spark, messages, runs) == dict.fromkeys(runs, Verdict.REPRODUCED)

        lost = list(runs)[COMPACTED[0]]
        _unpin(stack, messages, lost)
        done = vacuuming.carry_out(stack.settings, datetime.now(UTC))
        assert done["messages"].files > 0
        expected = {version: Verdict.DATA_GONE if version == lost else Verdict.REPRODUCED for version in runs}
        assert _verdicts(spark, messages, runs) == expected
        judge(stack, load, [query]).require_clean()


def _train(spark: SparkSession, messages: Address, version: int, server: MlflowAccess, place: Path) -> str:
    """As `training/train.py` does it, in this session."""
    request = Request(str(messages), version, Algorithm.NAIVE_BAYES, Scheme(folds=2))
    keeping.for_training(messages, request, 0)
    data = dataset.read(spark, messages, version, request.scheme)
    return experiment.run(data, request, server, NAME, Stopwatch(), place / "trainings").run_id


def _verdicts(spark: SparkSession, messages: Address, runs: dict[int, str]) -> dict[int, Verdict]:
    access = messages.access
    assert access
    return {
        version: reproduction.run(record.read(run), access, lambda: spark, Stopwatch()).verdict
        for version, run in runs.items()
    }


def _compact(stack: MiniStack) -> None:
    table = tables.opened(stack.settings, "messages")
    assert table
    assert table.optimize.compact()["numFilesRemoved"] > 1


def _restart(stack: MiniStack) -> None:
    for server in (stack.kafka, stack.minio):
        server.kill()
    for server in (stack.minio, stack.kafka):
        server.start()


def _with_the_next_cleaner(stack: MiniStack, query: Query, folder: Path) -> Query:
    """The same query, of a later version of the code: every Python of it starts with this."""
    later = folder / "later"
    later.mkdir()
    raised = f"from streaming.page import parser\nparser.CLEANER_VERSION = {NEXT_CLEANER!r}\n"
    (later / "sitecustomize.py").write_text(raised)
    return replace(query, more=query.more | {"PYTHONPATH": f"{later}:{Path(__file__).parents[2]}"})


def _unpin(stack: MiniStack, messages: Address, version: int) -> None:
    """As its operator: a training may not."""
    address = replace(messages, access=stack.settings.s3("stream"))
    for one in pins.every(address):
        if one.version == version:
            pins.remove(address, one)

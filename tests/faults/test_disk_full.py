"""A disk is full, of the query's home, MinIO, its queue or Kafka: it is said, nothing cut off is believed, it goes on (F25)."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from minio import S3Error

from tests.faults import tables
from tests.faults.conftest import Scale
from tests.faults.disk import Disk, small_disk
from tests.faults.draining import judge, last_batch, topic_ends
from tests.faults.landing import Landed, Load
from tests.faults.ministack import MiniStack, ministack
from tests.faults.points import LEDGER, ROWS
from tests.faults.query import Query
from tests.faults.rules import call
from tests.faults.waiting import until

pytestmark = [pytest.mark.whole, pytest.mark.case("F25"), pytest.mark.timeout(3600)]

FOLDERS = {
    "home": "one/state",
    "minio": "stack/state/minio",
    "queue": "stack/state/minio-events",
    "kafka": "stack/state/kafka",
}
MEGABYTES = 64
PAGES = 5
FILES = r"^/delta/.*\.parquet$"
FULL = "No space left on device"
INDEX_FULL = "database or disk is full"
REMEDY = "Remove that folder"


@dataclass(frozen=True)
class Running:
    """One stack and one query for all of these, each of which leaves it clean; four disks that can be filled."""

    stack: MiniStack
    load: Load
    query: Query
    disks: dict[str, Disk]

    def require_clean(self) -> None:
        """Nothing is lost, nothing is doubled."""
        judge(self.stack, self.load, [self.query]).require_clean()

    @contextmanager
    def full(self, name: str) -> Iterator[None]:
        """That disk is full meanwhile."""
        self.disks[name].fill()
        try:
            yield
        finally:
            self.disks[name].free()

    @contextmanager
    def full_at(self, name: str, path: str) -> Iterator[None]:
        """That disk is full from the moment on at which the query writes there about pages that have just landed."""
        self.query.freeze()
        self.load.land_pages(PAGES)
        try:
            with self.query.proxy.rule("PUT", path, "arrived", call(self.disks[name].fill)) as rule:
                self.query.thaw()
                until(rule.acted.is_set, f"nothing is written to {path}")
            yield
        finally:
            self.disks[name].free()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, scale: Scale) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("disks")
    with ExitStack() as open_until_the_end:
        enter = open_until_the_end.enter_context
        disks = {name: enter(small_disk(folder / place, MEGABYTES)) for name, place in FOLDERS.items()}
        # What is announced at once would not be missed in the queue.
        stack = enter(ministack(folder, STREAM_RECONCILE_SECONDS="5", LANDING_ANNOUNCED="queue"))
        all_of_it = Running(stack, Load(stack, scale.seed), enter(stack.query()), disks)
        all_of_it.load.land_pages(1)
        all_of_it.require_clean()
        yield all_of_it


@pytest.fixture(autouse=True)
def _nothing_has_ended(running: Running) -> None:
    """What ended before is of another test."""
    running.query.exits.clear()


def test_the_home_is_full_before_a_batch_is_begun(running: Running) -> None:
    said = since_now(running.query.log)
    with running.full("home"):
        running.load.land_pages(PAGES)
        require_loud_ends(running.query, 2, said, FULL)
    require_resumed(running, said)


@pytest.mark.parametrize(("path", "sign"), [(LEDGER, INDEX_FULL), (ROWS, FULL)], ids=["decided", "rolled forward"])
def test_the_home_is_full_before_a_batch_is_done(running: Running, path: str, sign: str) -> None:
    said = since_now(running.query.log)
    with running.full_at("home", path):
        require_loud_ends(running.query, 1, said, sign)
    require_resumed(running, said)


def test_offsets_that_were_cut_off_are_refused_with_the_remedy(running: Running) -> None:
    query = running.query
    query.stop()
    offsets = query.checkpoint / "offsets" / str(last_batch(query.checkpoint, "offsets"))
    offsets.write_text(offsets.read_text()[:-10])
    running.load.land_pages(PAGES)
    said = since_now(query.log)
    query.start()
    require_loud_ends(query, 1, said, f"offsets/{offsets.name} is cut off. {REMEDY}")
    query.stop()
    shutil.rmtree(query.checkpoint)
    query.start()
    running.require_clean()


@pytest.mark.parametrize("path", [FILES, LEDGER, ROWS], ids=["files", "decision", "rows"])
def test_minio_is_full(running: Running, path: str) -> None:
    said = since_now(running.query.log)
    with running.full_at("minio", path):
        until(lambda: "507 Insufficient Storage" in said(), "the query does not say what is full")
        with pytest.raises(S3Error, match="XMinioStorageFull"):
            running.load.land_pages(1)
    running.require_clean()
    assert running.query.exits == [], said()


def test_the_queue_of_events_is_full(running: Running) -> None:
    stack, load = running.stack, running.load
    said = since_now(stack.minio.log)
    with running.full("queue"):
        unannounced = load.land_pages(PAGES)
        until(lambda: FULL.lower() in said(), "MinIO does not say that its queue is full")
    # What it could not write are events of no bytes.
    announced = load.land_pages(PAGES)
    running.require_clean()
    assert found_by(stack, unannounced) == {"reconcile"}
    assert found_by(stack, announced) == {"notification"}


def test_kafka_is_full(running: Running) -> None:
    stack, kafka = running.stack, running.stack.kafka
    topic, before = stack.settings.kafka.landing_topic, topic_ends(stack.settings)
    said = since_now(kafka.log)
    with running.full("kafka"):
        running.load.land_pages(PAGES)
        until(kafka.has_ended, "Kafka goes on")
        assert FULL in said()
        # As its supervisor does. It may have been ready for a moment.
        with suppress(AssertionError):
            kafka.start()
        until(kafka.has_ended, "Kafka goes on")
    kafka.start()
    running.require_clean()
    assert topic_ends(stack.settings)[topic] >= before[topic] + PAGES
    assert running.query.exits == []


def since_now(log: Path) -> Callable[[], str]:
    """What this log says from now on."""
    begin = log.stat().st_size
    return lambda: log.read_bytes()[begin:].decode(errors="replace")


def require_loud_ends(query: Query, number: int, said: Callable[[], str], sign: str) -> None:
    """It ends so often, each time that it is started again, and says why."""
    until(lambda: len(query.exits) >= number, "the query goes on")
    assert 0 not in query.exits
    assert sign in said()


def require_resumed(running: Running, said: Callable[[], str]) -> None:
    """It has gone on where it was, from a checkpoint that is whole."""
    running.require_clean()
    checkpoint = running.query.checkpoint
    assert REMEDY not in said()
    assert list(checkpoint.parent.glob("checkpoint-of-*")) == []
    files = [file for name in ("offsets", "commits") for file in (checkpoint / name).glob("[0-9]*")]
    assert [file.name for file in files if not file.read_text().endswith("}")] == []


def found_by(stack: MiniStack, landed: list[Landed]) -> set[str]:
    """How the query came to know of these."""
    entries = tables.rows(stack.settings, "ledger", *tables.SOURCE, "found_by")
    identities = {one.identity for one in landed}
    return {str(entry["found_by"]) for entry in entries if tables.identity(entry) in identities}

"""What reconciliation announces, and what it does when something is in its way. The real bucket: tests/stack."""

import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import pytest
from minio import Minio
from pydantic import SecretStr

from conf import s3
from conf.settings import S3Access, Settings, load
from streaming.errors import ServiceError
from streaming.events import backlog, control, reconciliation
from streaming.events.control import Landed
from streaming.events.listing import Listing, Marker, Page, place
from streaming.events.objects import ObjectVersion
from streaming.events.reconciliation import PAGES_AT_ONCE, Reconciliation

# The port for what is thrown away: nobody listens.
NOWHERE = "http://127.0.0.1:9"
# So few are listed by one request here.
PAGE = 10
OLD = datetime.now(UTC) - timedelta(days=1)


def version(number: int, landed_at: datetime = OLD) -> ObjectVersion:
    return ObjectVersion("landing", f"page-{number:06d}.csv", "v1", "e1", 22, landed_at)


class World:
    """A bucket in memory, what has an outcome, what waits, and all that was asked and announced, in order."""

    def __init__(self) -> None:
        self.versions: list[ObjectVersion] = []
        self.decided: set[str] = set()
        self.waits: set[str] | None = set()
        self.announced: list[str] = []
        self.pages_listed = 0
        self.steps: list[str] = []
        self.on_waiting: Callable[[], None] = lambda: None

    def undecided(self, identities: Sequence[str]) -> set[str]:
        assert len(identities) <= PAGE * PAGES_AT_ONCE
        self.steps.append("decided")
        return set(identities) - self.decided

    def pages(self, after: Marker, number: int | None = None) -> Iterator[Page]:
        return islice(self._pages(after), number)

    def _pages(self, after: Marker) -> Iterator[Page]:
        rest = [one for one in self.versions if place(one) > after]
        for start in range(0, max(len(rest), 1), PAGE):
            self.pages_listed += 1
            page = rest[start : start + PAGE]
            yield Page(page, place(page[-1]) if start + PAGE < len(rest) else None)

    def waiting(self, _settings: Settings, limit: int) -> set[str] | None:
        self.steps.append("waiting")
        self.on_waiting()
        return self.waits if self.waits is None or len(self.waits) <= limit else None

    def send(self, _settings: Settings, records: Sequence[Landed]) -> None:
        assert len(records) <= PAGE * PAGES_AT_ONCE
        self.announced += [record.key for record in records]
        self.waits = (self.waits or set()) | {
            ObjectVersion(**record.model_dump(exclude={"type"})).identity for record in records
        }


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    """The tests' bucket and topics in the place of the real ones."""
    made = World()
    monkeypatch.setenv("LAKE_HOME", str(tmp_path))
    monkeypatch.setattr(Listing, "pages", lambda _listing, after, number=None: made.pages(after, number))
    monkeypatch.setattr(reconciliation, "PAGE", PAGE)
    monkeypatch.setattr(reconciliation, "WAITING_AT_MOST", 20 * PAGE)
    monkeypatch.setattr(backlog, "waiting", made.waiting)
    monkeypatch.setattr(control, "send", made.send)
    return made


def reconciling(world: World, **settings: float) -> Reconciliation:
    now = load()
    own = replace(now, stream=now.stream.model_copy(update=settings))
    return Reconciliation(own, S3Access(NOWHERE, "nobody", SecretStr("nothing")), world)


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == reconciliation.__name__]


def test_what_is_overdue_and_neither_decided_nor_waiting_is_announced(world: World) -> None:
    young = datetime.now(UTC)
    world.versions = [version(0), version(1), version(2), version(3, young)]
    world.decided, world.waits = {version(0).identity}, {version(1).identity}
    reconciling(world).once()
    assert world.announced == [version(2).key]


def test_what_is_decided_meanwhile_is_not_announced(world: World) -> None:
    world.versions = [version(0)]
    world.on_waiting = lambda: world.decided.add(version(0).identity)
    reconciling(world).once()
    assert (world.announced, world.steps[:3]) == ([], ["decided", "waiting", "decided"])


def test_the_topics_are_not_read_when_all_is_decided(world: World) -> None:
    world.versions = [version(0)]
    world.decided = {version(0).identity}
    reconciling(world).once()
    assert "waiting" not in world.steps


def test_a_bucket_that_one_pass_can_list_is_listed_whole_in_each(world: World) -> None:
    world.versions = [version(number) for number in range(PAGE)]
    world.decided = {one.identity for one in world.versions}
    reconciler = reconciling(world, reconcile_objects=PAGE)
    reconciler.once()
    lost = world.versions[7]
    world.decided.remove(lost.identity)
    reconciler.once()
    assert world.announced == [lost.key]


@pytest.mark.parametrize("pages", [5, 500])
def test_a_pass_costs_the_same_however_large_the_bucket(world: World, pages: int) -> None:
    world.versions = [version(number) for number in range(pages * PAGE)]
    world.decided = {one.identity for one in world.versions}
    reconciler = reconciling(world, reconcile_objects=2 * PAGE)
    reconciler.once()
    assert world.pages_listed == 4


def test_the_round_goes_on_where_the_last_pass_stopped_also_after_a_restart(world: World) -> None:
    world.versions = [version(number) for number in range(5 * PAGE)]
    world.decided = {one.identity for one in world.versions}
    # From here on what is new is looked for behind the last one.
    reconciling(world).full_pass()
    for page in (0, 1, 2, 3, 4, 0, 1):
        lost = world.versions[page * PAGE + 7]
        world.decided.remove(lost.identity)
        reconciling(world, reconcile_objects=PAGE).once()
        assert world.announced == [lost.key]
        world.decided.add(lost.identity)
        world.waits, world.announced = set(), []


def test_what_landed_last_is_found_in_the_next_pass_also_after_a_restart(world: World) -> None:
    world.versions = [version(number) for number in range(20 * PAGE)]
    world.decided = {one.identity for one in world.versions}
    reconciling(world).full_pass()
    world.versions.append(version(999_999))
    reconciling(world, reconcile_objects=PAGE).once()
    assert world.announced == [version(999_999).key]


def test_one_that_was_too_young_is_found_in_a_later_pass(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.versions = [version(number) for number in range(20 * PAGE)]
    world.decided = {one.identity for one in world.versions}
    world.versions += [version(999_998, datetime.now(UTC)), version(999_999)]
    world.decided.add(version(999_999).identity)
    reconciler = reconciling(world, reconcile_objects=PAGE)
    reconciler.full_pass()
    monkeypatch.setattr("streaming.events.course.ANNOUNCED_WITHIN", timedelta(0))
    reconciler.once()
    assert world.announced == [version(999_998).key]


def test_a_full_pass_goes_through_the_whole_bucket(world: World) -> None:
    world.versions = [version(number) for number in range(25 * PAGE)]
    assert reconciling(world, reconcile_objects=PAGE).full_pass()
    assert world.announced == [one.key for one in world.versions]
    assert world.pages_listed == 25


def test_a_full_pass_that_is_put_off_goes_on_in_the_next_pass(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.versions = [version(number) for number in range(60 * PAGE)]
    reconciler = reconciling(world, reconcile_objects=PAGE)
    assert not reconciler.full_pass()
    assert len(world.announced) == 30 * PAGE
    assert said(caplog)[-1] == "reconciliation is put off to its next pass: more than 200 records wait to be read"
    world.decided, world.waits = world.waits or set(), set()
    reconciler.once()
    assert world.announced == [one.key for one in world.versions]
    assert world.pages_listed == 70


def test_what_was_put_off_is_announced_by_a_later_pass(world: World) -> None:
    world.versions = [version(0)]
    world.waits = None
    reconciler = reconciling(world)
    reconciler.once()
    world.waits = set()
    reconciler.once()
    assert world.announced == [version(0).key]


def test_a_key_that_cannot_be_announced_is_told_once_and_its_neighbours_are_announced(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    odd = ObjectVersion("landing", "//\n", "v1", "e1", 22, OLD)
    world.versions = [odd, version(1)]
    reconciler = reconciling(world)
    reconciler.once()
    reconciler.once()
    assert world.announced == [version(1).key]
    told = [line for line in said(caplog) if "cannot be announced" in line]
    assert len(told) == 1
    assert told[0].startswith(r"'//\n' lies in the bucket and cannot be announced: key: ")


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reconciliation:
    """One whose MinIO does not answer, and which does not wait long for it."""
    monkeypatch.setenv("LAKE_HOME", str(tmp_path))
    monkeypatch.setattr(s3, "minio", partial(s3.minio, retries=0))
    return reconciling(World())


def test_a_service_that_is_away_puts_a_pass_off_and_ends_nothing(
    nowhere: Reconciliation, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere.once()
    [line] = said(caplog)
    assert NOWHERE in line


def test_a_full_pass_fails_when_a_service_is_away(nowhere: Reconciliation) -> None:
    with pytest.raises(ServiceError, match=f"MinIO at {NOWHERE}, bucket landing, as nobody, could not"):
        nowhere.full_pass()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>Bad gateway</html>",
        b"<ListVersionsResult><Name>landing</Name><Version>",
        b"<ListVersionsResult><Name>landing</Name><Version></Version></ListVersionsResult>",
        b"<ListVersionsResult><Name>landing</Name><Version><Key>a</Key><Size>x</Size></Version></ListVersionsResult>",
        b"\xff",
    ],
)
def test_what_is_no_listing_puts_a_pass_off(
    nowhere: Reconciliation, answer: bytes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Minio, "_execute", lambda *_words, **_named: SimpleNamespace(data=answer))
    nowhere.once()
    [line] = said(caplog)
    assert "could not be listed" in line


def test_a_listing_that_goes_round_in_circles_puts_a_pass_off(
    nowhere: Reconciliation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("streaming.events.listing.parse_list_objects", lambda _answer: ([], True, "a", "v1"))
    monkeypatch.setattr(Minio, "_execute", lambda *_words, **_named: None)
    nowhere.once()
    [line] = said(caplog)
    assert line.endswith("does not go on after 'a'")


def test_what_ended_reconciliation_is_raised_where_the_query_is_watched(world: World) -> None:
    def fails() -> None:
        raise ZeroDivisionError("what nobody foresaw")

    world.versions = [version(0)]
    world.on_waiting = fails
    reconciler = reconciling(world)
    reconciler.check()
    reconciler.run()
    with pytest.raises(ZeroDivisionError):
        reconciler.check()


def test_a_full_pass_that_is_asked_for_does_not_wait_for_its_turn(world: World) -> None:
    reconciler = reconciling(world, reconcile_seconds=600)
    reconciler.start()
    _until(lambda: world.pages_listed == 2)
    world.versions = [version(0)]
    reconciler.ask_full_pass()
    _until(lambda: world.announced == [version(0).key])
    reconciler.check()


@pytest.mark.parametrize("missing", [False, True], ids=["none missing", "all missing"])
def test_memory_does_not_grow_with_the_bucket(world: World, monkeypatch: pytest.MonkeyPatch, missing: bool) -> None:
    def peak(thousands: int) -> int:
        monkeypatch.setattr(Listing, "pages", lambda _listing, after, number: made_up_pages(thousands, after, number))
        tracemalloc.start()
        reconciling(world).full_pass()
        try:
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    monkeypatch.setattr(world, "undecided", lambda identities: set(identities) if missing else set())
    monkeypatch.setattr(control, "send", lambda *_words: None)
    assert peak(36) < 1.2 * peak(12)


def made_up_pages(pages: int, after: Marker, number: int) -> Iterator[Page]:
    """A bucket of so many pages of 1,000 versions, none of which is kept."""
    first = int(after.version or 0)
    for page in range(first, min(first + number, pages)):
        listed = [version(page * 1000 + one) for one in range(1000)]
        yield Page(listed, Marker("", str(page + 1)) if page + 1 < pages else None)


def _until(holds: Callable[[], bool]) -> None:
    for _ in range(500):
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError("it does not come to that")

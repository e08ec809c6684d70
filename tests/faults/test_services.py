"""MinIO or Kafka is away, busy, or cuts its answers; a notification is lost; the query is asked to stop."""

import time
from collections.abc import Iterator

import pytest
from minio.notificationconfig import NotificationConfig

from lander.bucket import prepare
from tests.faults import records, tables
from tests.faults.conftest import Scale
from tests.faults.draining import drain, judge
from tests.faults.landing import Load
from tests.faults.ministack import MiniStack, ministack
from tests.faults.points import COMMIT, LEDGER
from tests.faults.query import Query
from tests.faults.rules import Action, Moment, cut, hang_up, refuse
from tests.faults.waiting import until

pytestmark = pytest.mark.whole

Running = tuple[MiniStack, Load, Query]

OFTEN = 30
AWAY_SECONDS = 15


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, scale: Scale) -> Iterator[Running]:
    """One stack and one query for all of these, each of which leaves it clean."""
    with ministack(tmp_path_factory.mktemp("services"), STREAM_RECONCILE_SECONDS="5") as stack:
        load = Load(stack, scale.seed)
        with stack.query() as query:
            yield stack, load, query


@pytest.mark.case("F21")
def test_a_query_that_is_started_without_kafka_waits_for_it(running: Running) -> None:
    stack, load, query = running
    query.stop()
    stack.kafka.stop()
    load.land_pages(5)
    query.start()
    time.sleep(AWAY_SECONDS)
    stack.kafka.start()
    require_undisturbed(running)


@pytest.mark.case("F21")
def test_kafka_may_be_away_while_the_query_runs(running: Running) -> None:
    stack, load, _ = running
    stack.kafka.kill()
    load.land_pages(5)
    time.sleep(AWAY_SECONDS)
    stack.kafka.start()
    require_undisturbed(running)


@pytest.mark.case("F21")
def test_kafka_may_hang_while_objects_land(running: Running) -> None:
    """It takes connections and answers nobody: a PUT is slow, and stands."""
    stack, load, _ = running
    with stack.kafka.frozen():
        load.land_pages(2)
    require_undisturbed(running)


@pytest.mark.case("F2")
def test_each_object_is_announced_twice_and_loaded_once(running: Running) -> None:
    stack, load, query = running
    drain(stack, load, [query])
    [landed] = load.land_pages(1)

    def announced() -> int:
        return sum(landed.key.encode() in (message.key() or b"") for message in records.messages(stack.settings))

    until(lambda: announced() == 2, "it is not announced at once and from MinIO's queue")
    require_undisturbed(running)


@pytest.mark.case("F3", "F22")
def test_minio_may_be_killed_in_a_batch(running: Running) -> None:
    stack, load, query = running
    with query.proxy.rule("GET", r"^/landing/[^?]", "arrived") as asked:
        load.land_pages(20)
        until(lambda: asked.seen, "nothing is fetched")
        stack.minio.kill()
    time.sleep(AWAY_SECONDS)
    stack.minio.start()
    require_undisturbed(running)


@pytest.mark.case("F22")
@pytest.mark.parametrize("action", [refuse, hang_up, cut], ids=["503", "hung up", "cut in the body"])
def test_trouble_with_a_fetch_that_passes_is_no_fault_of_the_object(running: Running, action: Action) -> None:
    _, load, query = running
    moment: Moment = "arrived" if action in (refuse, hang_up) else "answered"
    with query.proxy.rule("GET", r"^/landing/[^?]", moment, action, times=OFTEN) as rule:
        load.land_pages(20)
        until(lambda: rule.seen >= OFTEN, f"only {rule.seen} requests came")
    require_undisturbed(running)


@pytest.mark.case("F22")
def test_writes_that_are_refused_for_a_while_are_done_later(running: Running) -> None:
    _, load, query = running
    with query.proxy.rule("PUT", r"^/delta/", "arrived", refuse, times=OFTEN) as rule:
        load.land_pages(20)
        until(lambda: rule.seen >= OFTEN, f"only {rule.seen} requests came")
    require_undisturbed(running)


@pytest.mark.case("F24", "F54")
@pytest.mark.parametrize("path", [LEDGER, rf"/messages{COMMIT}", rf"/quarantine{COMMIT}"])
def test_a_commit_whose_answer_is_lost_stands_once(running: Running, path: str) -> None:
    _, load, query = running
    with query.proxy.rule("PUT", path, "answered", hang_up) as rule:
        load.put_all({"lost": b"v1,v2,,,\r\nham,its answer is lost,,,\r\neggs,no label,,,\r\n"}, "as parsed")
        until(rule.acted.is_set, "no such commit")
    require_undisturbed(running)


@pytest.mark.case("F3")
def test_an_object_without_a_notification_is_found(running: Running) -> None:
    stack, load, query = running
    drain(stack, load, [query])
    stack.client().set_bucket_notification(stack.settings.minio.landing_bucket, NotificationConfig())
    [landed] = load.land_pages(1)
    prepare(stack.settings)
    require_undisturbed(running)
    entries = tables.rows(stack.settings, "ledger", *tables.SOURCE, "found_by")
    assert [row["found_by"] for row in entries if tables.identity(row) == landed.identity] == ["reconcile"]


@pytest.mark.case("F37")
def test_the_query_waits_while_quarantine_cannot_be_written(running: Running) -> None:
    stack, load, query = running
    with query.proxy.rule("PUT", r"^/delta/quarantine/", "arrived", refuse, times=float("inf")) as rule:
        landed = load.put("refused.csv", b"v1,v2,,,\r\neggs,no label,,,\r\n")
        until(lambda: rule.seen > 2, "nothing is written to quarantine")
        known = {tables.identity(row) for row in tables.rows(stack.settings, "ledger", *tables.SOURCE)}
        assert landed.identity not in known
    require_undisturbed(running)


@pytest.mark.case("F41")
def test_the_query_ends_when_it_is_asked_to(running: Running) -> None:
    stack, load, query = running
    # Before that Python's own loading is simply ended: nothing is held yet.
    query.await_ready()
    query.await_ready()
    load.land_pages(20)
    since = time.monotonic()
    query.stop(kill=False)
    took = time.monotonic() - since
    assert (query.last_exit, query.left_over) == (0, [])
    assert took < 30
    query.start()
    require_undisturbed((stack, load, query))


def require_undisturbed(running: Running) -> None:
    """Everything has its outcome, and the query did not end on the way."""
    stack, load, query = running
    judge(stack, load, [query]).require_clean()
    assert query.exits == [], query.log.read_text()[-3000:]

"""Runs by Airflow's own scheduler: triggered at once, cleared, killed, and failed for good; and `dag.test()`.

Only what landing needs is started: MinIO, the source API and Airflow. The tests share it and run in the order written.
"""

import asyncio
import contextlib
import csv
import io
import random
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from rich.console import Console

from conf import credentials, object_store, scheduling, services
from conf.processes import marked_environment
from conf.services import VENV, Part, Service
from conf.settings import Settings, load
from conf.shutdown import stop
from conf.startup import start
from conf.supervision import Supervisor
from tests.stack.conftest import PORTS, free_ports
from tests.stack.servers import as_part
from tests.stack.test_landing_under_fire import KILLS, SEED, require_everything_once

pytestmark = pytest.mark.timeout(1800)

PAGES_PER_RUN = 2
PAGES = 120
PATIENCE_SECONDS = 600


@dataclass(frozen=True)
class Airflow:
    """Airflow, asked as the operator asks it, and the services that its runs talk to."""

    settings: Settings
    supervisor: Supervisor
    parts: list[Part]
    http: httpx.Client

    def ask(self, method: str, place: str, **body: Any) -> dict[str, Any]:
        answer = self.http.request(method, place, json=body or None)
        assert answer.is_success, f"{method} {place}: {answer.text}"
        return dict(answer.json())

    def trigger(self, name: str) -> None:
        self.ask("POST", "dags/landing/dagRuns", dag_run_id=name, logical_date=None)

    def clear(self, name: str) -> None:
        self.ask("POST", f"dags/landing/dagRuns/{name}/clear", dry_run=False, only_failed=False)

    def state(self, name: str, task: str = "") -> str:
        """Of a run, or of one of its tasks."""
        place = f"dags/landing/dagRuns/{name}" + (f"/taskInstances/{task}" if task else "")
        return str(self.ask("GET", place)["state"])

    def tries(self, name: str, task: str) -> int:
        return int(self.ask("GET", f"dags/landing/dagRuns/{name}/taskInstances/{task}")["try_number"])

    def kill(self, name: str, task: str, after: float) -> None:
        """The process in which this task of a run runs dies so many seconds after its start, if it still runs by then."""
        self.await_task(name, task)
        time.sleep(after)
        for worker in self.scheduler().children():
            with contextlib.suppress(psutil.NoSuchProcess):
                for process in worker.children():
                    process.kill()

    def kill_scheduler(self) -> None:
        """The scheduler dies with all its children; supervisor starts it again."""
        scheduler = self.scheduler()
        for process in [scheduler, *scheduler.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def await_task(self, name: str, task: str) -> None:
        """A task of a run has begun."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (state := self.state(name, task)) not in {"running", "success"}:
            assert time.monotonic() < deadline, f"{task} of {name} is {state}"
            time.sleep(0.05)

    def scheduler(self) -> psutil.Process:
        return psutil.Process(self.supervisor.states()["airflow-scheduler"].pid)

    def await_scheduled_run(self) -> None:
        """The one run that the schedule itself makes, for the past new year, is done."""
        while not (runs := self.ask("GET", "dags/landing/dagRuns")["dag_runs"]):
            time.sleep(0.5)
        [run] = runs
        assert self.ended(run["dag_run_id"]) == "success"

    def start_again(self, name: str) -> None:
        """A service that was stopped is ready again."""
        [part] = [replace(part, needs=frozenset()) for part in self.parts if part.name == name]
        asyncio.run(start(self.supervisor, [part], Console(quiet=True)))

    def ended(self, name: str) -> str:
        """How a run ended."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (state := self.state(name)) not in {"success", "failed"}:
            assert time.monotonic() < deadline, f"{name} is {state}"
            time.sleep(0.5)
        return state

    def announced(self) -> dict[str, str]:
        """The sha256 by object key, as the events of the Asset tell it."""
        events = self.ask("GET", "assets/events?limit=1000")["asset_events"]
        return {key: digest for event in events for key, digest in event["extra"]["objects"].items()}

    def source(self) -> dict[str, Any]:
        return dict(httpx.get(f"{self.settings.source_api_url}/status").json())

    def landed(self) -> dict[str, str]:
        """The sha256 by object key, as MinIO has it; no key has a second version."""
        minio, bucket = as_part(self.settings, "stream"), self.settings.landing_bucket
        keys = [item.object_name or "" for item in minio.list_objects(bucket, recursive=True, include_version=True)]
        assert len(keys) == len(set(keys))
        return {key: str((minio.stat_object(bucket, key).metadata or {})["x-amz-meta-sha256"]) for key in keys}


def parts_of_landing(settings: Settings) -> list[Part]:
    """MinIO, the source API and Airflow, none of which waits for what is not started here."""
    found: list[Part] = [
        object_store.minio(settings),
        object_store.users(settings),
        services.source_api(settings),
        scheduling.database(settings),
        *scheduling.services(settings),
    ]
    names = {part.name for part in found}
    return [replace(part, needs=part.needs & names) for part in found]


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Airflow]:
    home = tmp_path_factory.mktemp("landing")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAKE_HOME", str(home))
        for name, port in zip(PORTS, free_ports(len(PORTS)), strict=True):
            patch.setenv(name, str(port))
        patch.setenv("LANDING_SCHEDULE", "0 0 1 1 *")
        patch.setenv("LANDING_PAGES_PER_RUN", str(PAGES_PER_RUN))
        patch.setenv("SOURCE_PAGE_RECORDS", "3")
        patch.setenv("SMS_SPAM_CSV", str(dataset(home / "small.csv")))
        credentials.ensure(home)
        for folder in ("run", "logs", "state"):
            (home / folder).mkdir()
        settings = load()
        parts, supervisor = parts_of_landing(settings), Supervisor(settings)
        supervisor.launch(part for part in parts if isinstance(part, Service))
        try:
            asyncio.run(start(supervisor, parts, Console(quiet=True)))
            with operator(settings) as http:
                landing = Airflow(settings, supervisor, parts, http)
                landing.await_scheduled_run()
                yield landing
        finally:
            stop(supervisor, settings, parts)


def dataset(file: Path) -> Path:
    """Small pages, records with line breaks among them."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["v1", "v2", "", "", ""])
    writer.writerows(["ham", f"number {n},\r\nin two lines", "", "", ""] for n in range(3 * PAGES))
    file.write_text(out.getvalue(), newline="")
    return file


def operator(settings: Settings) -> httpx.Client:
    url = f"http://127.0.0.1:{settings.airflow_port}"
    login = {"username": settings.credential("airflow_admin_user")}
    login["password"] = settings.credential("airflow_admin_password")
    token = httpx.post(f"{url}/auth/token", json=login, timeout=60).raise_for_status().json()["access_token"]
    return httpx.Client(base_url=f"{url}/api/v2/", headers={"Authorization": f"Bearer {token}"}, timeout=60)


def test_runs_at_once_land_each_page_once(airflow: Airflow) -> None:
    before = airflow.source()["pages_served"]
    names = ["at-once-1", "at-once-2", "at-once-3"]
    for name in names:
        airflow.trigger(name)
    assert [airflow.ended(name) for name in names] == ["success"] * 3
    after = airflow.source()
    assert (after["pages_served"], after["pages_unconfirmed"]) == (before + 3 * PAGES_PER_RUN, 0)
    assert len(airflow.landed()) == after["pages_served"]


def test_a_cleared_run_lands_its_own_pages_again_and_nothing_is_there_twice(airflow: Airflow) -> None:
    served, landed = airflow.source()["pages_served"], airflow.landed()
    airflow.clear("at-once-2")
    assert airflow.ended("at-once-2") == "success"
    assert airflow.tries("at-once-2", "land_pages") == 2
    assert (airflow.source()["pages_served"], airflow.landed()) == (served, landed)


def test_a_run_whose_answer_was_lost_lands_that_page_once(airflow: Airflow) -> None:
    before = airflow.source()["pages_served"]
    # Handed out under the key of the run's first page, and received by nobody.
    lost = {"Idempotency-Key": "landing/answer-lost/1"}
    httpx.post(f"{airflow.settings.source_api_url}/pages", headers=lost).raise_for_status()
    airflow.trigger("answer-lost")
    assert airflow.ended("answer-lost") == "success"
    after = airflow.source()
    assert (after["pages_served"], after["pages_unconfirmed"]) == (before + PAGES_PER_RUN, 0)
    assert len(airflow.landed()) == after["pages_served"]


def test_task_processes_that_are_killed_lose_and_double_nothing(airflow: Airflow) -> None:
    rng = random.Random(SEED)  # noqa: S311  # moments, no secrets
    struck = number = 0
    while struck < max(2, KILLS // 4):
        number += 1
        airflow.trigger(name := f"killed-{number}")
        task = rng.choice(("prepare_bucket", "land_pages", "land_pages"))
        airflow.kill(name, task, rng.uniform(0, 0.7))
        assert airflow.ended(name) == "success", f"seed {SEED}"
        struck += airflow.tries(name, task) > 1
    after = airflow.source()
    assert (after["pages_unconfirmed"], len(airflow.landed())) == (0, after["pages_served"])


def test_a_run_whose_scheduler_is_killed_goes_on(airflow: Airflow) -> None:
    for number in count():
        airflow.trigger(name := f"no-scheduler-{number}")
        airflow.await_task(name, "land_pages")
        airflow.kill_scheduler()
        assert airflow.ended(name) == "success"
        if airflow.tries(name, "land_pages") > 1:
            break
    after = airflow.source()
    assert (after["pages_unconfirmed"], len(airflow.landed())) == (0, after["pages_served"])


def test_the_events_of_the_asset_name_each_object_with_its_digest(airflow: Airflow) -> None:
    assert airflow.announced() == airflow.landed() != {}


def test_a_page_of_a_run_that_failed_while_minio_was_down_is_landed_by_the_next(airflow: Airflow) -> None:
    for number in range(5):
        airflow.trigger(name := f"without-minio-{number}")
        airflow.await_task(name, "prepare_bucket")
        while airflow.state(name, "prepare_bucket") != "success":
            time.sleep(0.1)
        airflow.supervisor.stop("minio")
        if airflow.ended(name) == "failed":
            break
        # MinIO went too late: the run was done.
        airflow.start_again("minio")
    source = airflow.source()
    served = source["pages_served"]
    assert source["pages_unconfirmed"] == 1

    airflow.start_again("minio")
    airflow.trigger("with-minio")
    assert airflow.ended("with-minio") == "success"
    source = airflow.source()
    assert (source["pages_served"], source["pages_unconfirmed"]) == (served + PAGES_PER_RUN, 0)
    assert len(airflow.landed()) == source["pages_served"]


def test_dag_test_lands_the_rest_and_the_pages_joined_are_the_dataset(airflow: Airflow) -> None:
    scheduler = next(part for part in airflow.parts if part.name == "airflow-scheduler")
    assert isinstance(scheduler, Service)
    own = {**scheduler.environment, "LANDING_PAGES_PER_RUN": str(PAGES)}
    command = [str(VENV / "airflow"), "dags", "test", "landing"]
    variables = marked_environment(airflow.settings) | own
    answer = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, (answer.stdout + answer.stderr)[-3000:]
    require_everything_once(airflow.settings)

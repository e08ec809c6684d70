"""Runs by Airflow's own scheduler: triggered at once, cleared, killed, and failed for good; and `dag.test()`.

Only what landing needs is started: MinIO, the source API and Airflow. The tests share it and run in the order written.
"""

import asyncio
import csv
import io
import random
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from conf.first_start import access, secrets
from conf.local.processes import process_environment
from conf.local.shutdown import stop
from conf.local.startup import start
from conf.local.supervision import Supervisor
from conf.machine import ROOT
from conf.settings import load
from tests.stack.conftest import PORTS
from tests.stack.ports import free_ports
from tests.stack.scheduled import Airflow, operator, parts_of_landing
from tests.stack.test_landing_under_fire import KILLS, SEED, require_everything_once

pytestmark = pytest.mark.timeout(1800)

PAGES_PER_RUN = 2
PAGES = 120


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Airflow]:
    home = tmp_path_factory.mktemp("landing")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAKE_HOME", str(home))
        for name, port in zip(PORTS, free_ports(len(PORTS)), strict=True):
            patch.setenv(name, str(port))
        patch.setenv("LANDING_SCHEDULE", "0 0 1 1 *")
        # There is no Kafka that a PUT could wait for.
        patch.setenv("LANDING_ANNOUNCED", "queue")
        patch.setenv("LANDING_PAGES_PER_RUN", str(PAGES_PER_RUN))
        patch.setenv("SOURCE_PAGE_RECORDS", "3")
        patch.setenv("SMS_SPAM_CSV", str(dataset(home / "small.csv")))
        secrets.for_home(home)
        for folder in ("run", "logs", "state"):
            (home / folder).mkdir()
        settings = load()
        parts, supervisor = parts_of_landing(settings), Supervisor(settings)
        supervisor.launch(part for part in parts if part.stays)
        try:
            # Its users are made without Kafka, which init-stores would wait for.
            for now in ([part for part in parts if part.name == "minio"], parts):
                asyncio.run(start(supervisor, settings, now, Console(quiet=True)))
                access.grant(settings)
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


def test_runs_at_once_land_each_page_once(airflow: Airflow) -> None:
    before = airflow.source()["pages_served"]
    names = ["at-once-1", "at-once-2", "at-once-3"]
    for name in names:
        airflow.trigger(name)
    assert [airflow.ended(name) for name in names] == ["success"] * 3
    airflow.require_each_page_once(served=before + 3 * PAGES_PER_RUN)


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
    httpx.post(f"{airflow.settings.source.url}/pages", headers=lost).raise_for_status()
    airflow.trigger("answer-lost")
    assert airflow.ended("answer-lost") == "success"
    airflow.require_each_page_once(served=before + PAGES_PER_RUN)


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
    airflow.require_each_page_once(served=airflow.source()["pages_served"])


def test_a_run_whose_scheduler_is_killed_goes_on(airflow: Airflow) -> None:
    for number in count():
        airflow.trigger(name := f"no-scheduler-{number}")
        airflow.await_task(name, "land_pages")
        airflow.kill_scheduler()
        assert airflow.ended(name) == "success"
        if airflow.tries(name, "land_pages") > 1:
            break
    airflow.require_each_page_once(served=airflow.source()["pages_served"])


def test_the_events_of_the_asset_name_each_object_with_its_digest(airflow: Airflow) -> None:
    assert airflow.announced() == airflow.landed() != {}


def test_a_page_of_a_run_that_failed_while_minio_was_down_is_landed_by_the_next(airflow: Airflow) -> None:
    for number in range(5):
        airflow.trigger(name := f"without-minio-{number}")
        airflow.awaited({"success"}, name, "prepare_bucket")
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
    airflow.require_each_page_once(served=served + PAGES_PER_RUN)


def test_dag_test_lands_the_rest_and_the_pages_joined_are_the_dataset(airflow: Airflow) -> None:
    scheduler = next(part for part in airflow.parts if part.name == "airflow-scheduler")
    own = {**scheduler.environment, "LANDING_PAGES_PER_RUN": str(PAGES)}
    # It would run tasks of the test's run as well, with its own LANDING_PAGES_PER_RUN.
    airflow.supervisor.stop("airflow-scheduler")
    command = ["bash", "conf/compose/airflow.sh", "dags", "test", "landing"]
    variables = process_environment(airflow.settings, own)
    answer = subprocess.run(command, env=variables, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, (answer.stdout + answer.stderr)[-3000:]
    require_everything_once(airflow.settings)

"""Pages are landed by processes that are killed with `kill -9` again and again, as is the API they ask: promise G1.

What a task of the DAG does runs in a process of its own, against the real API and a real MinIO. The number of kills is
LANDING_KILLS, 12 unless it is set; the moments come from a seed that is shown with a failure.
"""

import hashlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from conf.first_start import access, secrets
from conf.local.processes import process_environment
from conf.machine import ROOT
from conf.settings import Settings, load
from lander.bucket import prepare
from source_api.pages import ruled
from tests.stack.ports import free_ports
from tests.stack.servers import as_part, part, served

pytestmark = pytest.mark.timeout(3600)

KILLS = int(os.environ.get("LANDING_KILLS", "12"))
SEED = 20261123
TASK = """
import sys
from conf.settings import load
from lander.landing import land
land(load(), sys.argv[1])
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings under which a MinIO and an API can be started."""
    monkeypatch.setenv("LAKE_HOME", str(tmp_path))
    names = ("MINIO_PORT", "MINIO_CONSOLE_PORT", "SOURCE_API_PORT")
    for name, port in zip(names, free_ports(3), strict=True):
        monkeypatch.setenv(name, str(port))
    monkeypatch.setenv("SOURCE_DOWNLOAD_SECONDS", "0")
    # There is no Kafka that a PUT could wait for.
    monkeypatch.setenv("LANDING_ANNOUNCED", "queue")
    secrets.for_home(tmp_path)
    return load()


@pytest.fixture
def minio(settings: Settings) -> Iterator[Settings]:
    """A MinIO with the parts' users."""
    with served(part(settings, "minio"), settings):
        access.grant(settings)
        prepare(settings)
        yield settings


def task(settings: Settings, run: str, pages: int) -> "subprocess.Popen[bytes]":
    """One run of the DAG's tasks, in a process that can be killed."""
    own = {"PYTHONPATH": str(ROOT / "airflow" / "dags"), "LANDING_PAGES_PER_RUN": str(pages)}
    ports = {name: os.environ[name] for name in ("MINIO_PORT", "SOURCE_API_PORT")}
    with (settings.home / "task.log").open("a") as log:
        command = [sys.executable, "-c", TASK, run]
        return subprocess.Popen(command, env=process_environment(settings, {}) | own | ports, stdout=log, stderr=log)


def land_under_fire(settings: Settings, kills: int) -> None:
    """Lands everything; on the way `kills` tasks or APIs die at random moments, and some tasks run twice at once."""
    rng = random.Random(SEED)  # noqa: S311  # moments, no secrets
    api = part(settings, "source-api")
    done = 0
    while done < kills:
        with ExitStack() as started:
            server = started.enter_context(served(api, settings))
            # Each run is tried twice; now and then both tries, or two runs, are under way at once.
            runs = [f"run {done // 2}"] + [f"run {done // 2 + rng.choice((0, 1))}"] * rng.choice((0, 0, 1))
            tasks = [started.enter_context(task(settings, run, 3)) for run in runs]
            time.sleep(rng.uniform(0.5, 2.0))
            victim = rng.choice([server, tasks[0]])
            done += victim.poll() is None
            victim.kill()
            for one in tasks:
                one.wait()
    with served(api, settings), task(settings, "the last run", 1_000_000) as last:
        last.wait()
        log = settings.home / "task.log"
        assert last.returncode == 0, f"seed {SEED}\n{log.read_text()[-3000:]}"
        require_everything_once(settings)


def require_everything_once(settings: Settings) -> None:
    """The landed pages joined are the dataset, byte for byte, in order of page number, and none is there twice."""
    status = httpx.get(f"{settings.source.url}/status").json()
    assert (status["remaining"], status["pages_unconfirmed"], status["served_elsewhere"]) == (0, 0, 0)
    bucket, client = settings.minio.landing_bucket, as_part(settings, "stream")
    listed = list(client.list_objects(bucket, recursive=True, include_version=True))
    keys = sorted(item.object_name or "" for item in listed)
    assert len(set(keys)) == len(keys) == status["pages_served"]
    with ExitStack() as answers:
        bodies = []
        for key in keys:
            answer = client.get_object(bucket, key)
            answers.callback(answer.release_conn)
            bodies.append(answer.read())
            assert answer.headers["x-amz-meta-sha256"] == hashlib.sha256(bodies[-1]).hexdigest()
    header = bodies[0][: bodies[0].index(b"\n") + 1]
    joined = header + b"".join(body.removeprefix(header) for body in bodies)
    assert hashlib.sha256(joined).hexdigest() == status["sha256"], f"seed {SEED}"


def test_the_real_or_generated_dataset_arrives_whole(minio: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_PAGE_RECORDS", "25")
    land_under_fire(load(), KILLS)


def test_the_generated_corpus_arrives_whole(minio: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMS_SPAM_CSV", "")
    monkeypatch.setenv("SOURCE_PAGE_RECORDS", "25")
    land_under_fire(load(), KILLS // 3)


def test_pages_of_one_record_arrive_whole(minio: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The beginning of the dataset, page by page of one record, those with line breaks in them included."""
    sheet = ruled(b"v1,v2,,,\r\n" + b"".join(b'ham,"number %d,\r\nin two lines",,,\r\n' % n for n in range(150)))
    (tmp_path / "small.csv").write_bytes(sheet.content)
    monkeypatch.setenv("SMS_SPAM_CSV", str(tmp_path / "small.csv"))
    monkeypatch.setenv("SOURCE_PAGE_RECORDS", "1")
    land_under_fire(load(), KILLS // 3)


def test_the_whole_dataset_on_one_page_arrives_whole(minio: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_PAGE_RECORDS", "1000000")
    land_under_fire(load(), KILLS // 6)


def test_a_page_of_a_run_that_failed_for_good_is_landed_by_the_next(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """MinIO goes away after the API has handed out a page (F42)."""
    (tmp_path / "small.csv").write_bytes(b"v1,v2,,,\r\n" + b"".join(b"ham,number %d,,,\r\n" % n for n in range(4)))
    monkeypatch.setenv("SMS_SPAM_CSV", str(tmp_path / "small.csv"))
    monkeypatch.setenv("SOURCE_PAGE_RECORDS", "2")
    store, api = part(load(), "minio"), part(load(), "source-api")
    with served(api, settings):
        with served(store, settings):
            access.grant(settings)
            prepare(settings)
        failed = task(settings, "the run that fails", 1)
        assert failed.wait() != 0
        status = httpx.get(f"{settings.source.url}/status").json()
        assert (status["pages_served"], status["pages_unconfirmed"]) == (1, 1)
        assert f"MinIO at {settings.minio.endpoint}" in (settings.home / "task.log").read_text()
        with served(store, settings):
            assert task(settings, "the next run", 1).wait() == 0
            require_everything_once(settings)

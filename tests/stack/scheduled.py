"""Airflow as the operator uses it, with only the services that landing needs: MinIO and the source API."""

import asyncio
import contextlib
import time
from dataclasses import dataclass, replace
from typing import Any

import httpx
import psutil
from rich.console import Console

from conf.local.definition import Service
from conf.local.stack import parts
from conf.local.startup import start
from conf.local.supervision import Supervisor
from conf.settings import Settings
from tests.stack.servers import as_part

PATIENCE_SECONDS = 600
PARTS = ("minio", "source-api")


@dataclass(frozen=True)
class Airflow:
    """Airflow, asked as the operator asks it, and the services that its runs talk to."""

    settings: Settings
    supervisor: Supervisor
    parts: list[Service]
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
        self.awaited({"running", "success"}, name, task)

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
        asyncio.run(start(self.supervisor, self.settings, [part], Console(quiet=True)))

    def ended(self, name: str) -> str:
        """How a run ended."""
        return self.awaited({"success", "failed"}, name)

    def awaited(self, wanted: set[str], name: str, task: str = "") -> str:
        """The state of a run, or of one of its tasks, once it is one of these."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (state := self.state(name, task)) not in wanted:
            assert time.monotonic() < deadline, f"{name} {task} is {state}"
            time.sleep(0.05)
        return state

    def announced(self) -> dict[str, str]:
        """The sha256 by object key, as the events of the Asset tell it."""
        events = self.ask("GET", "assets/events?limit=1000")["asset_events"]
        return {key: digest for event in events for key, digest in event["extra"]["objects"].items()}

    def source(self) -> dict[str, Any]:
        return dict(httpx.get(f"{self.settings.source.url}/status").json())

    def landed(self) -> dict[str, str]:
        """The sha256 by object key, as MinIO has it; no key has a second version."""
        minio, bucket = as_part(self.settings, "stream"), self.settings.minio.landing_bucket
        keys = [item.object_name or "" for item in minio.list_objects(bucket, recursive=True, include_version=True)]
        assert len(keys) == len(set(keys))
        return {key: str((minio.stat_object(bucket, key).metadata or {})["x-amz-meta-sha256"]) for key in keys}

    def require_each_page_once(self, served: int) -> None:
        """So many pages were handed out; all of them are confirmed and lie in the bucket, one object each."""
        source = self.source()
        assert (source["pages_served"], source["pages_unconfirmed"]) == (served, 0)
        assert len(self.landed()) == served


def parts_of_landing(settings: Settings) -> list[Service]:
    """MinIO, the source API and Airflow, none of which waits for what is not started here."""
    found = [one for one in parts(settings) if one.name in PARTS or one.name.startswith("airflow-")]
    names = {one.name for one in found}
    return [replace(one, needs=one.needs & names) for one in found]


def operator(settings: Settings) -> httpx.Client:
    url = f"http://127.0.0.1:{settings.airflow.port}"
    login = {"username": settings.secret("AIRFLOW_ADMIN_USER")}
    login["password"] = settings.secret("AIRFLOW_ADMIN_PASSWORD")
    token = httpx.post(f"{url}/auth/token", json=login, timeout=60).raise_for_status().json()["access_token"]
    return httpx.Client(base_url=f"{url}/api/v2/", headers={"Authorization": f"Bearer {token}"}, timeout=60)

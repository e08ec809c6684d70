"""A health check: exit code 0 only when what was asked for is there, else one sentence."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from conf.compose import probe
from conf.machine import ROOT

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HEALTH = {
    "scheduler": {"status": "healthy", "latest_scheduler_heartbeat": NOW.isoformat()},
    "dag_processor": {"status": "healthy", "latest_dag_processor_heartbeat": NOW.isoformat()},
    "triggerer": {"status": None, "latest_triggerer_heartbeat": None},
}
LOGIN = {"AIRFLOW_ADMIN_USER": "operator", "AIRFLOW_ADMIN_PASSWORD": "secret"}
DAG = {"last_parsed_time": NOW.isoformat()}
ERRORS = [{"filename": "broken.py", "stack_trace": "SyntaxError: here", "timestamp": NOW.isoformat()}]


class Pages(BaseHTTPRequestHandler):
    """Airflow's, and one of any other service."""

    def do_GET(self) -> None:  # the library calls it so
        airflow = "/api/v2/monitor/health", "/broken/api/v2/monitor/health"
        pages = dict.fromkeys(airflow, HEALTH) | {
            "/page": "Active Streaming Queries (1)",
            "/api/v2/importErrors": {"import_errors": []},
            "/api/v2/dags/landing": DAG,
            "/broken/api/v2/importErrors": {"import_errors": ERRORS},
        }
        self._answer(pages.get(self.path))

    def do_POST(self) -> None:  # the library calls it so
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known = body == {"username": "operator", "password": "secret"}
        self._answer({"access_token": "token"} if known and self.path.endswith("/auth/token") else None)

    def _answer(self, content: object) -> None:
        self.send_response(503 if content is None else 200)
        self.end_headers()
        self.wfile.write(content.encode() if isinstance(content, str) else json.dumps(content).encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def run(*words: str) -> tuple[int, str]:
    command = [sys.executable, str(ROOT / "conf" / "compose" / "probe.py"), *words]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=LOGIN)
    return ended.returncode, ended.stderr.strip()


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (["/page"], 0, ""),
        (["/page", "Active Streaming Queries (1)"], 0, ""),
        (["/page", "Active Streaming Queries (2)"], 1, "does not show 'Active Streaming Queries (2)'"),
        (["/nothing"], 1, "HTTP Error 503"),
        (["", "--heartbeat", "scheduler"], 0, ""),
        (["", "--heartbeat", "triggerer"], 1, "triggerer is None"),
        (["", "--dag", "landing"], 0, ""),
        (["", "--dag", "other"], 1, "HTTP Error 503"),
        (["/broken", "--dag", "landing"], 1, "Airflow cannot read the DAG broken.py:"),
    ],
)
def test_it_answers_by_its_exit_code(url: str, words: list[str], code: int, complaint: str) -> None:
    ended, said = run(url + words[0], *words[1:])
    assert (ended, complaint in said) == (code, True), said


def test_nobody_there_is_a_sentence_as_well() -> None:
    code, said = run("http://127.0.0.1:9/")
    assert code == 1
    assert said.startswith("http://127.0.0.1:9/: ")
    assert said.count("\n") == 0


@pytest.mark.parametrize("asked", [("--heartbeat", "scheduler"), ("--dag", "landing")])
def test_a_sign_of_an_earlier_life_does_not_count(url: str, asked: tuple[str, str]) -> None:
    probe.check(url, *asked, since=NOW, environment=LOGIN)
    with pytest.raises(probe.NotReadyError, match="2026-01-02"):
        probe.check(url, *asked, since=NOW + timedelta(seconds=1), environment=LOGIN)


def test_an_error_of_an_earlier_life_does_not_count(url: str) -> None:
    with pytest.raises(probe.BrokenError, match="SyntaxError: here"):
        probe.check(f"{url}/broken", "--dag", "landing", since=NOW, environment=LOGIN)
    with pytest.raises(probe.NotReadyError):
        probe.check(f"{url}/broken", "--dag", "landing", since=NOW + timedelta(seconds=1), environment=LOGIN)


def test_a_kafka_that_is_away_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "SECONDS", 0.5)
    with pytest.raises(probe.NotReadyError, match=r"127\.0\.0\.1:9"):
        probe.check("kafka://127.0.0.1:9")

"""What an operator is told before a vacuum."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import typer
from pydantic import SecretStr

from conf.settings import MlflowAccess
from conf.versions.address import Address
from conf.versions.pins import Pin
from streaming import vacuuming
from streaming.events import control
from streaming.ledger.vacuum import Plan
from streaming.vacuum_command import duration
from training import dependents
from training.errors import ServiceError

NOW = datetime(2026, 5, 1, tzinfo=UTC)
RUNS = [("r1", "7"), ("r2", "7"), ("r3", "9"), ("r4", None)]


def test_no_time_at_all_is_not_the_default() -> None:
    kept = [vacuuming.moment(NOW, keep, 30) for keep in (None, timedelta(0), timedelta(hours=1))]
    assert kept == [NOW - timedelta(days=30), NOW, NOW - timedelta(hours=1)]


@pytest.mark.parametrize("keep", [timedelta(days=36_500), timedelta(days=999_999_999)])
def test_a_keep_of_all_time_is_no_error(keep: timedelta) -> None:
    moment = vacuuming.moment(NOW, keep, 30)
    assert control.Vacuum(request="r", before=moment).before == datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "d", "x", "1.5d", "-1d", "1234567890d", "\u0665d"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="no duration such as 30d"):
        duration(text)


def test_it_says_what_goes_what_stays_and_who_needs_it() -> None:
    plan = Plan(Address("/lake", "messages"), {"a": 10, "b": 20}, {"c": 3}, (6, 7, 8), {4: 99})
    pinned = [Pin(version=4, who="anna", why="a report"), Pin(version=4, who="ben", why="a talk")]
    assert vacuuming.describe(plan, pinned, {7: ["r1", "r2"], 9: ["r3"]}) == [
        ("table", "messages"),
        ("deletes", "3 files, 33 bytes (1 of no commit)"),
        ("no longer readable", "versions 6 to 8"),
        ("no longer repeatable", "r1 on version 7"),
        ("no longer repeatable", "r2 on version 7"),
        ("pinned version 4", "protects 99 bytes, for anna: a report; ben: a talk"),
    ]


class TwoPages(BaseHTTPRequestHandler):
    """MLflow's answers, a page of two runs at a time."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        told: dict[str, object] = {"experiments": [{"experiment_id": "1"}]}
        if self.path.endswith("runs/search"):
            assert asked["filter"] == "tags.table = 's3a://delta/messages'"
            start = int(asked.get("page_token", 0))
            told = {"runs": [run(*one) for one in RUNS[start : start + 2]], "next_page_token": "" if start else "2"}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name in the library
        """Say nothing."""


def run(name: str, version: str | None) -> dict[str, object]:
    tags = [{"key": "table_version", "value": version}] if version else []
    return {"info": {"run_id": name}, "data": {"tags": tags}}


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), TwoPages) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


def asked(port: int) -> dict[int, list[str]]:
    access = MlflowAccess(f"http://127.0.0.1:{port}", "trainer", SecretStr("secret"), "")
    return dependents.runs(access, "s3a://delta/messages")


def test_runs_are_found_by_the_version_that_they_were_trained_on(server: HTTPServer) -> None:
    assert asked(server.server_port) == {7: ["r1", "r2"], 9: ["r3"]}


def test_without_mlflow_that_is_said() -> None:
    with pytest.raises(ServiceError, match=r"MLflow at .* does not tell its runs: .*refused"):
        asked(9)

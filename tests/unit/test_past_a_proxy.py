"""The stack's own hosts are asked without the proxy of the machine."""

import json
import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest
from pydantic import SecretStr

from conf.machine import DIRECT
from conf.settings import MlflowAccess, load
from training.services import check_mlflow

NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose proxy is dead, and that makes no exceptions."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, NOBODY)
    for name in DIRECT:
        monkeypatch.setenv(name, "")


class Mlflow(BaseHTTPRequestHandler):
    """It has nothing."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def do_GET(self) -> None:
        body = json.dumps({}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # so it is called
        """Silent."""


@pytest.fixture
def mlflow() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Mlflow) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.usefixtures("proxied")
def test_mlflow_is_reached_past_a_dead_proxy(mlflow: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from mlflow import MlflowClient  # noqa: PLC0415  # two seconds that only this test needs

    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(httpx.ConnectError):
        httpx.get(mlflow)
    load()
    check_mlflow(MlflowAccess(mlflow, "trainer", SecretStr("secret"), mlflow))
    assert MlflowClient(mlflow).search_experiments() == []


@pytest.mark.usefixtures("proxied")
@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, "127.0.0.1,minio.here,::1"),
        ({"no_proxy": "a.org, b.org"}, "a.org,b.org,127.0.0.1,minio.here,::1"),
        ({"NO_PROXY": "a.org", "no_proxy": "b.org,127.0.0.1"}, "a.org,b.org,127.0.0.1,minio.here,::1"),
        ({"NO_PROXY": "*", "no_proxy": "a.org"}, "*"),
    ],
)
def test_the_hosts_of_the_settings_are_added_to_the_exceptions_once(
    given: dict[str, str], wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (given | {"MINIO_HOST": "minio.here", "MLFLOW_HOST": "[::1]"}).items():
        monkeypatch.setenv(name, value)
    for _ in range(2):
        load()
        assert {os.environ[name] for name in DIRECT} == {wanted}


def test_without_a_proxy_the_environment_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*DIRECT, "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    before = dict(os.environ)
    load()
    assert dict(os.environ) == before

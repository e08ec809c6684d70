"""A container's probe: exit code 0 only when what was asked for is there, else one sentence."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from conf.settings import ROOT

HEALTH = {"scheduler": {"status": "healthy"}, "dag_processor": {"status": "unhealthy"}, "triggerer": {"status": None}}


class Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # the library calls it so
        pages = {"/health": json.dumps(HEALTH), "/page": "Active Streaming Queries (1)"}
        self.send_response(200 if self.path in pages else 503)
        self.end_headers()
        self.wfile.write(pages.get(self.path, "").encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def probe(*words: str) -> tuple[int, str]:
    command = [sys.executable, str(ROOT / "conf" / "probe.py"), *words]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stderr.strip()


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (["/page"], 0, ""),
        (["/page", "Active Streaming Queries (1)"], 0, ""),
        (["/page", "Active Streaming Queries (2)"], 1, "does not show 'Active Streaming Queries (2)'"),
        (["/nothing"], 1, "HTTP Error 503"),
        (["/health", "--heartbeat", "scheduler"], 0, ""),
        (["/health", "--heartbeat", "dag_processor"], 1, "dag_processor is unhealthy"),
        (["/health", "--heartbeat", "triggerer"], 1, "triggerer is None"),
    ],
)
def test_it_answers_by_its_exit_code(url: str, words: list[str], code: int, complaint: str) -> None:
    ended, said = probe(url + words[0], *words[1:])
    assert (ended, complaint in said) == (code, True)
    assert said.count("\n") == 0


def test_nobody_there_is_a_sentence_as_well() -> None:
    code, said = probe("http://127.0.0.1:9/")
    assert code == 1
    assert said.startswith("http://127.0.0.1:9/: ")

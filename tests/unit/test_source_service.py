"""`python -m source_api` as a process: killed, stopped, started wrongly."""

import random
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

SEED = 20240501
HEADER = b"v1,v2,,,\r\n"
FILE = HEADER + b"".join(b'ham,"number %d,\nwith a newline",,,\r\n' % number for number in range(300))
COMMAND = [sys.executable, "-m", "source_api"]
Service = subprocess.Popen[bytes]


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where a service started by this test listens; it hands out 300 records in pages of two."""
    (tmp_path / "sample.csv").write_bytes(FILE)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("LAKE_HOME", str(tmp_path / "lake"))
    monkeypatch.setenv("SMS_SPAM_CSV", str(tmp_path / "sample.csv"))
    monkeypatch.setenv("SOURCE_PAGE_RECORDS", "2")
    monkeypatch.setenv("SOURCE_API_PORT", str(port))
    return f"http://127.0.0.1:{port}"


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=30) as client:
        yield client


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "service.log"


@pytest.fixture
def start(client: httpx.Client, log: Path) -> Iterator[Callable[[], Service]]:
    """Starts the service and returns when it answers; ends what it started with the test."""
    with ExitStack() as stack:

        def launch() -> Service:
            written = stack.enter_context(log.open("a"))
            service = stack.enter_context(subprocess.Popen(COMMAND, stdout=written, stderr=written))
            stack.callback(service.kill)
            wait_for(client)
            return service

        yield launch


@retry(retry=retry_if_exception_type(httpx.TransportError), stop=stop_after_delay(60), wait=wait_fixed(0.1))
def wait_for(client: httpx.Client) -> None:
    client.get("/health").raise_for_status()


def take(client: httpx.Client, key: str) -> httpx.Response | None:
    """The answer, `None` when the service died over it."""
    try:
        return client.post("/pages", headers={"Idempotency-Key": key})
    except httpx.TransportError:
        return None


def test_killed_at_random_moments_it_loses_no_page_and_repeats_none(
    client: httpx.Client, start: Callable[[], Service]
) -> None:
    rng = random.Random(SEED)  # noqa: S311  # moments, no secrets
    seen: dict[str, bytes] = {}
    keys = [f"key {index}" for index in range(150)]
    for _ in range(3):
        service = start()
        with ThreadPoolExecutor(4) as pool:
            answers = [(key, pool.submit(take, client, key)) for key in keys]
            answers[rng.randrange(20, 120)][1].result()
            service.kill()
        for key, future in answers:
            if answer := future.result():
                assert seen.setdefault(key, answer.content) == answer.content
        service.wait()
    start()
    pages = {key: answer for key in keys if (answer := take(client, key))}
    assert {key: pages[key].content for key in seen} == seen
    in_order = sorted(pages.values(), key=lambda page: int(page.headers["page-number"]))
    assert HEADER + b"".join(page.content.removeprefix(HEADER) for page in in_order) == FILE
    assert client.get("/status").json()["pages_unconfirmed"] == len(keys)


def test_sigterm_ends_it_in_good_order(client: httpx.Client, log: Path, start: Callable[[], Service]) -> None:
    service = start()
    page = take(client, "a")
    service.terminate()
    assert service.wait(timeout=30) == -signal.SIGTERM
    assert "Application shutdown complete" in log.read_text()
    assert "Traceback" not in log.read_text()
    start()
    again = take(client, "a")
    assert page is not None
    assert again is not None
    assert again.content == page.content


def test_it_is_called_by_the_host_of_its_settings(
    client: httpx.Client, start: Callable[[], Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_API_HOST", "127.0.0.2")
    client.base_url = httpx.URL(f"http://127.0.0.2:{client.base_url.port}")
    start()
    page = take(client, "a")
    assert page is not None
    assert page.status_code == 200


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("SMS_SPAM_CSV", "/nowhere/spam.csv", "SMS_SPAM_CSV=/nowhere/spam.csv: No such file or directory"),
        ("SMS_SPAM_CSV", __file__, "its first line is"),
        ("SOURCE_PAGE_RECORDS", "0", "SOURCE_PAGE_RECORDS='0': Input should be greater than or equal to 1"),
    ],
)
@pytest.mark.usefixtures("url")
def test_a_start_that_cannot_work_ends_with_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, message: str
) -> None:
    monkeypatch.setenv(variable, value)
    result = subprocess.run(COMMAND, check=False, capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("source_api: ")
    assert message in line


def test_a_start_with_another_page_size_is_refused(
    start: Callable[[], Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    start().kill()
    monkeypatch.setenv("SOURCE_PAGE_RECORDS", "3")
    result = subprocess.run(COMMAND, check=False, capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    assert "SOURCE_PAGE_RECORDS=3, but this stack counts in pages of 2 records. Set it to 2" in result.stderr


def test_a_stack_on_generated_data_says_so_everywhere(
    client: httpx.Client, log: Path, start: Callable[[], Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMS_SPAM_CSV", "")
    monkeypatch.setenv("SOURCE_DOWNLOAD_SECONDS", "0")
    start()
    status = client.get("/status").json()
    assert (status["dataset"], status["origin"], status["seed"]) == ("generated-2011", "generated", 2011)
    page = take(client, "a")
    assert page is not None
    assert page.headers["dataset-origin"] == "generated"
    assert "(GENERATED)" in log.read_text()

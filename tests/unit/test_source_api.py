"""What a client of the source API sees, over HTTP, from a real server."""

import base64
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from source_api.api import application
from source_api.feed import Feed
from source_api.pages import ruled
from source_api.positions import Positions, Terms

HEADER = b"v1,v2,,,\r\n"
RECORDS = [b'ham,"number %d,\nwith a newline",,,\r\n' % number for number in range(25)]
FILE = HEADER + b"".join(RECORDS)
TERMS = Terms("sample", "real", None, sha256(FILE).hexdigest(), page_records=10)
PROBLEM = "application/problem+json"


@contextmanager
def answering(app: FastAPI) -> Iterator[httpx.Client]:
    """A client of a server that runs this app meanwhile."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    # Listens from here on: a request that comes before the server runs waits for it.
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=[[listening]])
        thread.start()
        with httpx.Client(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=30) as client:
            yield client
        server.should_exit = True
        thread.join()


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of a server that hands out 25 records in pages of ten."""
    positions = Positions(tmp_path / "positions.sqlite")
    positions.settle(TERMS)
    with answering(application(Feed(TERMS, ruled(FILE), positions))) as client:
        yield client


def take(client: httpx.Client, key: str) -> httpx.Response:
    return client.post("/pages", headers={"Idempotency-Key": key})


def confirm(client: httpx.Client, number: int, if_match: str | None = None) -> httpx.Response:
    return client.put(f"/pages/{number}/confirmation", headers={"If-Match": if_match} if if_match else {})


def test_a_page_is_the_header_and_whole_records_and_says_what_it_is(client: httpx.Client) -> None:
    page = take(client, "a")
    content = HEADER + b"".join(RECORDS[:10])
    digest = sha256(content)
    assert page.status_code == 200
    assert page.content == content
    described = {name: value for name, value in page.headers.items() if name not in {"date", "server"}}
    assert described == {
        "content-type": "text/csv",
        "content-length": str(len(content)),
        "etag": f'"{digest.hexdigest()}"',
        "repr-digest": f"sha-256=:{base64.b64encode(digest.digest()).decode()}:",
        "page-number": "1",
        "page-records": "10",
        "dataset": "sample",
        "dataset-origin": "real",
    }


def test_the_same_key_gets_the_same_answer_a_new_key_the_next_page(client: httpx.Client) -> None:
    pages = [take(client, key) for key in ("a", "b", "a", "~ k" * 85)]
    assert [page.headers["page-number"] for page in pages] == ["1", "2", "1", "3"]
    assert [page.headers["page-records"] for page in pages] == ["10", "10", "10", "5"]
    assert (pages[2].content, pages[2].headers["etag"]) == (pages[0].content, pages[0].headers["etag"])


def test_the_pages_of_parallel_clients_joined_are_the_file(client: httpx.Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda index: take(client, f"key {index // 4}"), range(40)))
    pages = {int(page.headers["page-number"]): page.content for page in answers if page.status_code == 200}
    assert HEADER + b"".join(pages[number].removeprefix(HEADER) for number in sorted(pages)) == FILE
    by_key = [{(page.status_code, page.content) for page in answers[at : at + 4]} for at in range(0, 40, 4)]
    assert [len(contents) for contents in by_key] == [1] * 10  # clients that share a key agree


def test_when_nothing_is_left_the_answer_says_when_to_ask_again(client: httpx.Client) -> None:
    answers = [take(client, key) for key in ("a", "b", "c", "d", "a")]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 204, 200]
    assert (answers[3].content, answers[3].headers["retry-after"]) == (b"", "60")


def listed(client: httpx.Client, state: str, **which: int) -> list[dict[str, Any]]:
    answer = client.get("/pages", params={"state": state, **which}).raise_for_status()
    return list(answer.json())


def test_a_page_is_listed_as_unconfirmed_until_it_is_confirmed(client: httpx.Client) -> None:
    page = take(client, "a")
    entry = {"number": 1, "key": "a", "records": 10, "bytes": len(page.content)}
    entry["sha256"] = sha256(page.content).hexdigest()
    assert (listed(client, "unconfirmed"), listed(client, "confirmed")) == ([entry], [])
    assert [confirm(client, 1, page.headers["etag"]).status_code for _ in range(2)] == [204, 204]
    assert (listed(client, "unconfirmed"), listed(client, "confirmed")) == ([], [entry])
    assert take(client, "a").content == page.content  # still there for who asks again


@pytest.mark.parametrize(
    ("which", "numbers"),
    [
        ({}, [1, 2, 3]),
        ({"limit": 2}, [1, 2]),
        ({"after": 1, "limit": 1}, [2]),
        ({"after": 2, "limit": 1000}, [3]),
        ({"after": 3}, []),
    ],
)
def test_pages_are_listed_piece_by_piece(client: httpx.Client, which: dict[str, int], numbers: list[int]) -> None:
    etags = [take(client, key).headers["etag"] for key in "abc"]
    assert [page["number"] for page in listed(client, "unconfirmed", **which)] == numbers
    for number in (3, 1, 2):
        confirm(client, number, etags[number - 1])
    assert [page["number"] for page in listed(client, "confirmed", **which)] == numbers


@pytest.mark.parametrize(
    ("key", "status", "detail"),
    [
        (None, 400, "header idempotency-key: Field required"),
        (b"", 422, "header idempotency-key: String should have at least 1 character"),
        (b"k" * 256, 422, "header idempotency-key: String should have at most 255 characters"),
        ("schlüssel".encode(), 422, "header idempotency-key: String should match pattern"),
        (b"schl\xfcssel", 422, "header idempotency-key: String should match pattern"),
        (b"a\tb", 422, "header idempotency-key: String should match pattern"),
    ],
)
def test_without_a_key_in_plain_ascii_no_page_is_handed_out(
    client: httpx.Client, key: bytes | None, status: int, detail: str
) -> None:
    answer = client.post("/pages", headers={} if key is None else [(b"Idempotency-Key", key)])
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    assert detail in answer.json()["detail"]
    assert client.get("/status").json()["pages_served"] == 0


def test_the_status_counts_pages_by_what_became_of_them(client: httpx.Client) -> None:
    page = take(client, "a")
    take(client, "b")
    confirm(client, 1, page.headers["etag"])
    assert client.get("/status").json() == {
        "dataset": "sample",
        "origin": "real",
        "seed": None,
        "sha256": sha256(FILE).hexdigest(),
        "records": 25,
        "pages": 3,
        "page_records": 10,
        "pages_served": 2,
        "pages_confirmed": 1,
        "pages_unconfirmed": 1,
        "served_elsewhere": 0,
        "records_served": 20,
        "remaining": 1,
    }
    assert client.get("/health").json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("number", "if_match", "status", "detail"),
    [
        (2, '"abc"', 404, "Page 2 was never served, only 1 to 1"),
        (2, None, 404, "Page 2 was never served, only 1 to 1"),
        (1, '"abc"', 412, 'If-Match is "abc", page 1 is "'),
        (1, "*", 412, "If-Match is *, page 1 is"),
        (1, None, 428, "needs If-Match with the ETag"),
        (0, '"abc"', 422, "path number: Input should be greater than or equal to 1 (was '0')"),
        (2**63, '"abc"', 422, "path number: Input should be less than or equal to 9223372036854775807"),
    ],
)
def test_a_confirmation_of_something_else_is_refused(
    client: httpx.Client, number: int, if_match: str | None, status: int, detail: str
) -> None:
    take(client, "a")
    answer = confirm(client, number, if_match)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    assert detail in answer.json()["detail"]
    assert client.get("/status").json()["pages_confirmed"] == 0


def test_one_of_several_entity_tags_is_enough(client: httpx.Client) -> None:
    page = take(client, "a")
    assert confirm(client, 1, f'"abc", {page.headers["etag"]}').status_code == 204


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("DELETE", "/pages", 405),
        ("GET", "/pages", 422),
        ("GET", "/pages?state=lost", 422),
        ("GET", "/pages?state=confirmed&limit=0", 422),
        ("GET", "/pages?state=confirmed&limit=1001", 422),
        ("GET", "/pages?state=confirmed&after=-1", 422),
    ],
)
def test_every_refusal_is_a_problem_document(client: httpx.Client, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    assert answer.json()["status"] == status


def test_every_status_and_header_of_a_page_is_documented(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    documented = {
        (method, path): sorted(operation["responses"])
        for path, operations in paths.items()
        for method, operation in operations.items()
    }
    assert documented == {
        ("post", "/pages"): ["200", "204", "400", "403", "421", "422"],
        ("get", "/pages"): ["200", "421", "422"],
        ("put", "/pages/{number}/confirmation"): ["204", "403", "404", "412", "421", "422", "428"],
        ("get", "/status"): ["200", "421"],
        ("get", "/health"): ["200", "421"],
    }
    page = take(client, "a").headers
    headers = paths["/pages"]["post"]["responses"]["200"]["headers"]
    assert {name.lower() for name in headers} == set(page) - {"content-type", "date", "server"}
    assert list(paths["/pages"]["post"]["responses"]["204"]["headers"]) == ["Retry-After"]

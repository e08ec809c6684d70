"""Who may ask the source API: by which names it is called, and from which pages in a browser."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from conf.local.compose_files import read
from conf.settings.groups import values
from source_api.api import application
from source_api.callers import NAMES
from source_api.feed import Feed
from source_api.pages import ruled
from source_api.positions import Positions
from tests.unit.test_source_api import FILE, PROBLEM, TERMS, answering


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of a server that listens on 10.1.2.3 as well."""
    positions = Positions(tmp_path / "positions.sqlite")
    positions.settle(TERMS)
    with answering(application(Feed(TERMS, ruled(FILE), positions), "10.1.2.3")) as client:
        yield client


def take(client: httpx.Client, headers: dict[str, str]) -> httpx.Response:
    return client.post("/pages", headers={"Idempotency-Key": "a"} | headers)


def served(client: httpx.Client) -> int:
    return int(client.get("/status").json()["pages_served"])


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8000",
        "127.0.0.1",
        "localhost:8000",
        "LocalHost",
        "[::1]:8000",
        "[::1]",
        "source-api:8000",
        "10.1.2.3",
    ],
)
def test_its_own_names_are_served(client: httpx.Client, host: str) -> None:
    assert take(client, {"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "127.0.0.1.evil.example",
        "evil-localhost",
        "127x0x0x1",
        "::1",
        "",
    ],
)
def test_another_host_is_refused_and_no_page_is_handed_out(client: httpx.Client, host: str) -> None:
    answers = [take(client, {"Host": host}), client.get("/status", headers={"Host": host})]
    assert [(answer.status_code, answer.headers["content-type"]) for answer in answers] == [(421, PROBLEM)] * 2
    assert answers[0].json()["detail"] == (
        f"Host is {host}. This service is called 127.0.0.1, localhost, [::1], source-api, 10.1.2.3: use one of these."
    )
    assert served(client) == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://localhost:8000", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://localhost:8000"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_a_page_of_the_service_itself_may_ask(client: httpx.Client, headers: dict[str, str]) -> None:
    host = {"Host": "localhost:8000"}
    taken = take(client, host | headers)
    assert taken.status_code == 200
    confirmation = host | headers | {"If-Match": taken.headers["etag"]}
    assert client.put("/pages/1/confirmation", headers=confirmation).status_code == 204
    assert client.get("/docs", headers=host | headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost:8888"},
        {"Origin": "http://localhost:8888", "Sec-Fetch-Site": "same-site"},
        {"Origin": "https://localhost:8000"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_page_of_another_site_gets_and_confirms_nothing(client: httpx.Client, headers: dict[str, str]) -> None:
    host = {"Host": "localhost:8000"}
    refused = take(client, host | headers)
    assert (refused.status_code, refused.headers["content-type"]) == (403, PROBLEM)
    assert refused.json()["detail"] == (
        f"Origin is {headers.get('Origin')}, Sec-Fetch-Site is {headers.get('Sec-Fetch-Site')}. "
        "Ask from http://localhost:8000/docs or with a program."
    )
    assert served(client) == 0

    etag = take(client, {}).headers["etag"]
    assert client.put("/pages/1/confirmation", headers=host | headers | {"If-Match": etag}).status_code == 403
    assert client.get("/status").json()["pages_confirmed"] == 0


def test_the_name_it_has_in_compose_is_one_of_its_own() -> None:
    scheduler = read(values({}) | {"SECRETS": "secrets"})["airflow-scheduler"]
    assert scheduler.environment["SOURCE_API_HOST"] in NAMES

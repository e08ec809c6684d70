"""A run of the lander against the real source API: it follows on through long lists, and stops where a service is away."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from conf.settings import load
from lander.errors import LandingError
from lander.landing import land
from lander.source import ATTEMPTS, Source
from source_api.api import application
from source_api.feed import Feed
from source_api.pages import ruled
from source_api.positions import Positions
from tests.unit.test_lander_source import BUSY, Server, answer
from tests.unit.test_source_api import FILE, TERMS, answering, take

NONE_LISTED = answer(body=b"[]", Content_Type="application/json", Content_Length="2")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of a source that hands out three pages."""
    positions = Positions(tmp_path / "positions.sqlite")
    positions.settle(TERMS)
    with answering(application(Feed(TERMS, ruled(FILE), positions))) as client:
        yield client


@pytest.fixture(autouse=True)
def no_minio(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of a lander whose MinIO is away."""
    monkeypatch.setenv("MINIO_PORT", "1")
    for name in ("LANDER_ACCESS_KEY", "LANDER_SECRET_KEY"):
        monkeypatch.setenv(name, "lander")


def point_to(url: httpx.URL | str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_API_PORT", str(httpx.URL(url).port))
    monkeypatch.setenv("LANDING_PAGES_PER_RUN", "3")


def test_unconfirmed_pages_are_listed_to_the_last(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in "abc":
        take(client, key)
    listed = {}
    for at_once in (1, 2, 3, 1000):
        monkeypatch.setattr("lander.source.LISTED_AT_ONCE", at_once)
        with closing(Source(str(client.base_url))) as source:
            listed[at_once] = source.unconfirmed()
    assert listed == {at_once: {"a": 1, "b": 2, "c": 3} for at_once in (1, 2, 3, 1000)}


def test_when_minio_is_away_one_page_is_asked_for_and_no_more(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_to(client.base_url, monkeypatch)
    with pytest.raises(LandingError) as failed:
        land(load(), "run")
    first, second = str(failed.value).splitlines()
    assert first == "0 pages landed, 1 could not be and stay unconfirmed:"
    assert second.startswith("page of this run, key 'landing/run/1': MinIO at http://127.0.0.1:1, bucket landing")
    assert client.get("/status").json()["pages_served"] == 1


def test_when_the_source_is_away_it_is_asked_for_one_page_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lander.source._growing", lambda _: 0)
    server = Server()
    server.answers = [NONE_LISTED, BUSY]
    point_to(server.url, monkeypatch)
    with pytest.raises(LandingError, match=r"(?s)^0 pages landed, 1 could .*, key 'landing/run/1': .* answered 503"):
        land(load(), "run")
    assert len(server.requests) == 1 + ATTEMPTS

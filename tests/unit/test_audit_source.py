"""The source's books, as the audit reads them from a real server."""

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from source_api.api import application
from source_api.feed import Feed
from source_api.pages import ruled
from source_api.positions import Positions
from streaming.audit import source
from streaming.audit.source import Source
from streaming.errors import ServiceError
from tests.unit.test_source_api import FILE, TERMS, answering, confirm, take


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of a source with three pages."""
    positions = Positions(tmp_path / "positions.sqlite")
    positions.settle(TERMS)
    with answering(application(Feed(TERMS, ruled(FILE), positions))) as client:
        yield client


@pytest.mark.parametrize("listed_at_once", [1, 2, 1000])
def test_the_confirmed_pages_are_listed_to_the_end(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch, listed_at_once: int
) -> None:
    monkeypatch.setattr(source, "_LISTED_AT_ONCE", listed_at_once)
    tags = {number: take(client, f"key {number}").headers["ETag"] for number in (1, 2, 3)}
    for number in (1, 3):
        confirm(client, number, tags[number])
    asked = Source(str(client.base_url))
    assert [(one["number"], f'"{one["sha256"]}"') for one in asked.confirmed()] == [(1, tags[1]), (3, tags[3])]
    status = asked.status()
    assert (status["dataset"], status["pages_served"], status["pages_unconfirmed"]) == ("sample", 3, 1)


def test_a_source_that_does_not_answer_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(ServiceError, match=f"127.0.0.1:{port}"):
        Source(f"http://127.0.0.1:{port}").status()

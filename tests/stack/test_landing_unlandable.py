"""Pages that cannot be landed are named and stay unconfirmed; all others land: against the real API and a real MinIO (F49)."""

import io
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from conf.places import page_key
from conf.settings import Settings, load
from lander.bucket import prepare
from lander.errors import LandingError
from lander.landing import land
from tests.stack.ports import free_ports
from tests.stack.servers import as_part, minio_in, part, served

TOO_LONG = "k" * 256


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A MinIO and an API that hands out eight pages; a run lands two of its own."""
    (tmp_path / "small.csv").write_bytes(b"v1,v2,,,\r\n" + b"".join(b"ham,number %d,,,\r\n" % n for n in range(8)))
    monkeypatch.setenv("SMS_SPAM_CSV", str(tmp_path / "small.csv"))
    monkeypatch.setenv("SOURCE_PAGE_RECORDS", "1")
    monkeypatch.setenv("SOURCE_API_PORT", str(free_ports(1)[0]))
    monkeypatch.setenv("LANDING_PAGES_PER_RUN", "2")
    with minio_in(tmp_path) as settings, served(part(settings, "source-api"), settings):
        prepare(settings)
        yield settings


def numbers(settings: Settings, state: str) -> list[int]:
    pages = httpx.get(f"{settings.source.url}/pages", params={"state": state}).raise_for_status().json()
    return [page["number"] for page in pages]


def failure(settings: Settings, run: str) -> list[str]:
    """The lines of what a run ends with."""
    with pytest.raises(LandingError) as failed:
        land(load(), run)
    return str(failed.value).splitlines()


def test_pages_that_cannot_be_landed_do_not_hold_up_the_others(settings: Settings) -> None:
    for key in "abcd":
        httpx.post(f"{settings.source.url}/pages", headers={"Idempotency-Key": key}).raise_for_status()
    with sqlite3.connect(settings.state / "source_api" / "positions.sqlite") as book:
        # Keys that an earlier version took.
        book.executemany("UPDATE pages SET key = ? WHERE number = ?", [("schlüssel", 1), (TOO_LONG, 3)])
    book.close()
    bucket, taken = settings.minio.landing_bucket, page_key("small", 2)
    as_part(settings, "lander").put_object(bucket, taken, io.BytesIO(b"other"), 5)

    counted, *named = failure(load(), "one")
    assert counted == "3 pages landed, 3 could not be and stay unconfirmed:"
    assert named[0] == "page 1, key 'schlüssel': the key is not printable ASCII: no request can carry it"
    assert named[1].startswith(f"page 2, key 'b': {taken} holds bytes with sha256 d9298a10d1b0735837dc4bd85dac641b")
    assert named[2].startswith(f"page 3, key '{TOO_LONG}': POST {settings.source.url}/pages answered 422: ")
    assert (numbers(settings, "unconfirmed"), numbers(settings, "confirmed")) == ([1, 2, 3], [4, 5, 6])

    # The next run goes on where the source is, and names them again.
    assert failure(load(), "two")[1:] == named
    assert (numbers(settings, "unconfirmed"), numbers(settings, "confirmed")) == ([1, 2, 3], [4, 5, 6, 7, 8])
    listed = as_part(settings, "stream").list_objects(bucket, recursive=True, include_version=True)
    assert sorted(item.object_name or "" for item in listed) == [
        page_key("small", number) for number in (2, 4, 5, 6, 7, 8)
    ]

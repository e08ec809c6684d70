"""How a real MinIO lists the landing bucket, whatever lies there, and how its events name the same object versions."""

import hashlib
import http.client
import io
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from minio import Minio
from minio.credentials.credentials import Credentials
from minio.signer import sign_v4_s3
from pydantic import SecretStr

from conf import s3
from conf.settings import Settings
from lander.bucket import prepare
from streaming.errors import ServiceError
from streaming.events import backlog, control, listing, reconciliation
from streaming.events.fields import nameable
from streaming.events.intake import Sources, take_in
from streaming.events.listing import BEGINNING, Listing, Marker, Page
from streaming.events.objects import ObjectVersion
from streaming.events.reconciliation import Reconciliation
from streaming.events.records import kafka_record
from tests.stack.servers import access_of, as_part, minio_in

ODD_KEYS = (
    *("a+b", "a b", " a", "a ", "100%", "100%25", "%2F", "new\nline", "a\rb", "\x01", "\x7f"),
    *("😀", "ü", "e\u0301", "\ufffe", "[", "{", "*", "?q", "#h", "&<>\"'", "a\\b"),
    *("...", "..a", "a..", "d/ /e", "f/", "g-", "g/h", "g0", "y" * 255, "/".join(["z" * 200] * 5) + "z" * 20),
    *("x[minio_cache:v2]", "x[minio_cache:v2,return:]", "x0"),
)
REFUSED_KEYS = ("..", ".", "a/../b", "a/./b", "a/.. /b", "\t..", "a\\..\\b", "a//b", "a//", "n\0l", "x" * 1025)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with minio_in(tmp_path_factory.mktemp("home")) as loaded:
        prepare(loaded)
        yield loaded


@pytest.fixture(scope="module")
def root(settings: Settings) -> Minio:
    return as_part(settings, "root")


@pytest.fixture
def bucket(settings: Settings, root: Minio) -> Iterator[str]:
    """The landing bucket, emptied afterwards. It notifies, into MinIO's queue: there is no Kafka."""
    yield settings.minio.landing_bucket
    for item in root.list_objects(settings.minio.landing_bucket, recursive=True, include_version=True):
        root.remove_object(settings.minio.landing_bucket, str(item.object_name), item.version_id)


def put(root: Minio, bucket: str, *keys: str) -> None:
    for key in keys:
        root.put_object(bucket, key, io.BytesIO(key.encode()), len(key.encode()))


def listed(settings: Settings) -> list[ObjectVersion]:
    return list(Listing(settings.s3("stream"), settings.minio.landing_bucket).versions())


def test_odd_keys_come_back_as_they_were_in_their_order(settings: Settings, root: Minio, bucket: str) -> None:
    put(root, bucket, *ODD_KEYS)
    versions = listed(settings)
    assert [version.key for version in versions] == sorted(ODD_KEYS)
    for version in versions:
        assert nameable(version.key)
        assert root.get_object(bucket, version.key, version_id=version.version).read() == version.key.encode()


def queued(queue: Path, number: int) -> list[dict[str, Any]]:
    """The events that MinIO keeps for Kafka, as it would send them."""
    for _ in range(100):
        if len(files := list(queue.rglob("*.event"))) == number:
            return [json.loads(file.read_text()) for file in files]
        time.sleep(0.1)
    raise AssertionError(f"{len(files)} of {number} events")


def test_events_and_the_listing_name_the_same_object_versions(settings: Settings, root: Minio, bucket: str) -> None:
    queue = settings.state / "minio-events"
    for file in queue.rglob("*.event"):
        file.unlink()
    put(root, bucket, *ODD_KEYS, *ODD_KEYS)
    events = queued(queue, 2 * len(ODD_KEYS))
    records = [kafka_record("e", 0, 0, json.dumps({"Records": [event]}).encode()) for event in events]
    intake = take_in(records, Sources(bucket, "c"))
    assert (intake.dead_letters, intake.ignored) == ([], 0)
    told = {(version.key, version.version, version.identity) for version in intake.objects}
    assert told == {(version.key, version.version, version.identity) for version in listed(settings)}


@pytest.mark.parametrize("key", REFUSED_KEYS, ids=lambda key: repr(key[:12]))
def test_a_key_that_is_refused_here_is_refused_by_minio(settings: Settings, key: str) -> None:
    with pytest.raises(ValueError, match="a key has"):
        nameable(key)
    assert status_of_get(settings, key) == 400


def test_a_slash_in_front_would_be_a_second_name(settings: Settings, root: Minio, bucket: str) -> None:
    put(root, bucket, "/a")
    assert [version.key for version in listed(settings)] == ["a"]
    assert status_of_get(settings, "/a") == 200
    with pytest.raises(ValueError, match="no empty segment"):
        nameable("/a")


def test_an_object_under_a_key_that_is_an_object_is_not_listed(settings: Settings, root: Minio, bucket: str) -> None:
    put(root, bucket, "p", "p/q")
    assert [version.key for version in listed(settings)] == ["p"]
    root.remove_object(bucket, "p", listed(settings)[0].version)
    assert [version.key for version in listed(settings)] == ["p/q"]


@pytest.mark.parametrize("size", [1, 2, 7])
def test_page_by_page_is_the_same_as_at_once(
    settings: Settings, root: Minio, bucket: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(root, bucket, *ODD_KEYS, *["overwritten"] * 5, "deleted", "deleted")
    root.remove_object(bucket, "deleted")
    expected = listed(settings)
    assert [version.key for version in expected].count("overwritten") == 5
    assert [version.key for version in expected].count("deleted") == 2
    monkeypatch.setattr(listing, "PAGE", size)
    pages = one_at_a_time(Listing(settings.s3("stream"), bucket))
    assert [version for page in pages for version in page.versions] == expected
    assert max(len(page.versions) for page in pages) <= size


def one_at_a_time(bucket: Listing) -> list[Page]:
    """Each page is asked for on its own, as one pass after the other does."""
    pages, following = [], BEGINNING
    while True:
        [page] = bucket.pages(following, 1)
        pages.append(page)
        if page.end is None:
            return pages
        following = page.end


def test_what_lands_meanwhile_is_listed(
    settings: Settings, root: Minio, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(root, bucket, *(f"page-{number:03d}" for number in range(20)))
    monkeypatch.setattr(listing, "PAGE", 2)
    pages = Listing(settings.s3("stream"), bucket).pages(BEGINNING)
    begun = [next(pages) for _ in range(3)]
    put(root, bucket, "page-015a", "page-999")
    keys = [version.key for page in [*begun, *pages] for version in page.versions]
    assert {"page-015a", "page-999"} <= set(keys)


def test_only_a_folder_is_listed_page_by_page(
    settings: Settings, root: Minio, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(root, bucket, "a/1", *(f"b/{number}" for number in range(5)), "b/0", "b0", "c/1")
    monkeypatch.setattr(listing, "PAGE", 2)
    pages = one_at_a_time(Listing(settings.s3("stream"), bucket, "b/"))
    assert [version.key for page in pages for version in page.versions] == ["b/0", "b/0", "b/1", "b/2", "b/3", "b/4"]


def test_a_version_that_is_gone_is_no_obstacle(settings: Settings, root: Minio, bucket: str) -> None:
    put(root, bucket, "a", "b", "b", "c")
    [*_, newer, _older, _c] = listed(settings)
    root.remove_object(bucket, "b", newer.version)
    [page] = Listing(settings.s3("stream"), bucket).pages(listing.place(newer))
    assert [version.key for version in page.versions] == ["b", "c"]


def test_without_a_bucket_nothing_is_listed(settings: Settings) -> None:
    assert list(Listing(access_of(settings, "root"), "not-there").versions()) == []


def test_a_refusal_is_named_and_the_secret_is_not_shown(settings: Settings) -> None:
    wrong = settings.s3("stream")._replace(secret_key=SecretStr("not-the-secret-key"))
    with pytest.raises(ServiceError, match="as stream, refuses to list: SignatureDoesNotMatch") as refused:
        list(Listing(wrong, settings.minio.landing_bucket).versions())
    assert "not-the-secret-key" not in str(refused.value)


class Ledger:
    """Everything has an outcome but what is lost."""

    def __init__(self) -> None:
        self.lost: set[str] = set()

    def undecided(self, identities: Sequence[str]) -> set[str]:
        return self.lost & set(identities)


def test_a_pass_lists_what_is_new_and_a_part_of_the_rest(
    settings: Settings, root: Minio, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    announced: list[str] = []
    asked: list[Marker] = []
    for module in (listing, reconciliation):
        monkeypatch.setattr(module, "PAGE", 10)
    monkeypatch.setattr("streaming.events.course.ANNOUNCED_WITHIN", timedelta(0))
    monkeypatch.setattr(backlog, "waiting", lambda _settings, _limit: set())
    monkeypatch.setattr(control, "send", lambda _settings, records: announced.extend(one.key for one in records))
    page = Listing._page  # noqa: SLF001

    def counted(bucket: Listing, after: Marker) -> Page:
        asked.append(after)
        return page(bucket, after)

    monkeypatch.setattr(Listing, "_page", counted)
    put(root, bucket, *(f"page-{number:03d}" for number in range(60)))
    ledger = Ledger()
    few = replace(settings, stream=settings.stream.model_copy(update={"reconcile_objects": 20}))
    reconciler = Reconciliation(few, settings.s3("stream"), ledger)
    reconciler.full_pass()
    assert len(asked) == 6

    ledger.lost = {version.identity for version in listed(settings)[35:36]}
    put(root, bucket, "page-060")
    ledger.lost.add(listed(settings)[-1].identity)
    found = []
    for _ in range(3):
        asked.clear()
        reconciler.once()
        found.append((announced.copy(), len(asked)))
        ledger.lost -= {version.identity for version in listed(settings) if version.key in announced}
    assert found == [(["page-060"], 3), (["page-060", "page-035"], 3), (["page-060", "page-035"], 3)]


def status_of_get(settings: Settings, key: str) -> int:
    """What MinIO answers to a GET of exactly this key: other clients tidy a path up before they send it."""
    host, user = settings.minio.endpoint.removeprefix("http://"), settings.s3("stream")
    path, now, digest = (
        f"/{settings.minio.landing_bucket}/{quote(key)}",
        datetime.now(UTC),
        hashlib.sha256(b"").hexdigest(),
    )
    headers: dict[str, str | list[str] | tuple[str]] = {
        "Host": host,
        "x-amz-content-sha256": digest,
        "x-amz-date": now.strftime("%Y%m%dT%H%M%SZ"),
    }
    keys = Credentials(user.access_key, user.secret_key.get_secret_value())
    signed = sign_v4_s3(
        method="GET",
        url=urlsplit(f"http://{host}{path}"),
        region=s3.REGION,
        headers=headers,
        credentials=keys,
        content_sha256=digest,
        date=now,
    )
    connection = http.client.HTTPConnection(host)
    connection.request("GET", path, headers={name: str(value) for name, value in signed.items()})
    status = connection.getresponse().status
    connection.close()
    return status

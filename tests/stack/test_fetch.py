"""One GET gives the bytes of exactly one object version, on a real MinIO; by the fast client, and by the one that explains."""

import io
from collections.abc import Iterator

import obstore
import pytest
from minio import Minio

from conf.settings import Settings
from lander.bucket import prepare
from streaming.decide.fetch import Absent, Body, Landing, PassingError, TooLarge
from streaming.events.intake import Announced
from tests.faults.keys import ODD
from tests.stack.servers import as_part, minio_in
from tests.unit.announced import announced

MOST_BYTES = 100
METADATA: dict[str, str | list[str] | tuple[str]] = {"page": "7", "sha256": "ab"}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with minio_in(tmp_path_factory.mktemp("home")) as loaded:
        prepare(loaded)
        yield loaded


@pytest.fixture(params=["both clients", "the patient one alone"])
def landing(settings: Settings, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Landing:
    if request.param != "both clients":
        monkeypatch.setattr(obstore, "get", refused)
    return Landing(settings.s3("stream"), MOST_BYTES)


def refused(*_: object, **__: object) -> None:
    raise OSError("refused")


def put(settings: Settings, key: str, body: bytes) -> Announced:
    bucket = settings.minio.landing_bucket
    written = as_part(settings, "lander").put_object(bucket, key, io.BytesIO(body), len(body), metadata=METADATA)
    return announced(key, bucket=bucket, version=written.version_id, etag=str(written.etag), size=len(body))


@pytest.mark.parametrize("key", ODD)
def test_the_bytes_of_each_version_and_what_its_metadata_says(settings: Settings, landing: Landing, key: str) -> None:
    for body in (b"first", b"second"):
        version = put(settings, f"odd/{key}", body)
        found = landing.fetch(version)
        assert isinstance(found, Body)
        told = {name.lower().removeprefix("x-amz-meta-"): value for name, value in found.headers.items()}
        assert (found.content, told["page"], told["sha256"]) == (body, "7", "ab")


def test_an_older_version_is_not_the_newest(settings: Settings, landing: Landing) -> None:
    older, newer = put(settings, "twice.csv", b"older"), put(settings, "twice.csv", b"newer")
    assert [found.content for found in map(landing.fetch, (older, newer)) if isinstance(found, Body)] == [
        b"older",
        b"newer",
    ]


def test_without_a_version_the_etag_must_be_that_of_the_newest(settings: Settings, landing: Landing) -> None:
    older, newer = put(settings, "etag.csv", b"older"), put(settings, "etag.csv", b"newer")
    by_etag = [announced("etag.csv", bucket=one.bucket, version=None, etag=one.etag) for one in (older, newer)]
    superseded, body = map(landing.fetch, by_etag)
    assert superseded == Absent("superseded")
    assert isinstance(body, Body)


def test_a_key_with_a_slash_at_its_end_is_another_object(settings: Settings, landing: Landing) -> None:
    put(settings, "folder", b"same")
    folder = put(settings, "folder/", b"same")
    as_part(settings, "root").remove_object(folder.bucket, "folder/", version_id=folder.version)
    assert landing.fetch(folder) == Absent("vanished")


def test_what_is_gone_has_vanished(settings: Settings, landing: Landing) -> None:
    gone = put(settings, "gone.csv", b"gone")
    as_part(settings, "root").remove_object(gone.bucket, gone.key, version_id=gone.version)
    assert landing.fetch(gone) == Absent("vanished")


def test_more_bytes_than_may_be_read_are_not(settings: Settings, landing: Landing) -> None:
    assert landing.fetch(put(settings, "large.csv", b"x" * (MOST_BYTES + 1))) == TooLarge(MOST_BYTES + 1)


def test_a_store_that_is_away_is_no_fault_of_the_object(settings: Settings) -> None:
    nowhere = settings.s3("stream")._replace(endpoint="http://127.0.0.1:9")
    with pytest.raises(PassingError, match=r"'a\.csv'"):
        Landing(nowhere, MOST_BYTES).fetch(announced())


@pytest.mark.parametrize(("size", "found"), [(MOST_BYTES, Body), (MOST_BYTES + 1, TooLarge)])
def test_one_get_is_enough(settings: Settings, monkeypatch: pytest.MonkeyPatch, size: int, found: type) -> None:
    version, landing = put(settings, "once.csv", b"x" * size), Landing(settings.s3("stream"), MOST_BYTES)
    monkeypatch.setattr(Minio, "get_object", refused)
    assert isinstance(landing.fetch(version), found)

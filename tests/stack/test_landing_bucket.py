"""The lander's bucket and its PUTs, against a real MinIO: set-up repairs, an object is written once, refusals are named."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from minio.commonconfig import ENABLED
from minio.notificationconfig import NotificationConfig, QueueConfig
from pydantic import SecretStr

from conf.settings import S3Access, Settings, load
from lander.bucket import EVENTS, QUEUE, TARGETS, prepare
from lander.errors import PageError, ServiceError
from lander.source import Page
from lander.storage import Storage
from tests.stack.ports import free_ports
from tests.stack.servers import as_part, minio_in

BODY = b"v1,v2\r\nham,hello\r\n"
PAGE = Page(1, 1, hashlib.sha256(BODY).hexdigest(), "sample", "real", "http://127.0.0.1:8000/", BODY)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The bucket as it is by default."""
    with minio_in(tmp_path_factory.mktemp("home")) as loaded:
        default = replace(loaded, landing=loaded.landing.model_copy(update={"announced": "both"}))
        prepare(default)
        yield default


def test_a_second_set_up_changes_nothing(settings: Settings) -> None:
    client, bucket = as_part(settings, "lander"), settings.minio.landing_bucket
    prepare(settings)
    assert client.get_bucket_versioning(bucket).status == ENABLED
    assert announced(settings) == dict.fromkeys(TARGETS["both"], EVENTS)


@pytest.mark.parametrize("left", [[], [QueueConfig(queue=QUEUE, events=EVENTS)]], ids=["all", "one of two"])
def test_a_removed_notification_is_repaired(settings: Settings, left: list[QueueConfig]) -> None:
    client, bucket = as_part(settings, "lander"), settings.minio.landing_bucket
    client.set_bucket_notification(bucket, NotificationConfig(queue_config_list=left))
    assert announced(settings) == {queue.queue: queue.events for queue in left}
    prepare(settings)
    assert announced(settings) == dict.fromkeys(TARGETS["both"], EVENTS)


def test_economy_announces_from_the_queue_alone(settings: Settings) -> None:
    prepare(replace(settings, landing=settings.landing.model_copy(update={"announced": "queue"})))
    assert announced(settings) == {QUEUE: EVENTS}
    prepare(settings)


def announced(settings: Settings) -> dict[str | None, list[str]]:
    """Which targets are told of which events."""
    client = as_part(settings, "lander")
    queues = client.get_bucket_notification(settings.minio.landing_bucket).queue_config_list or []
    return {queue.queue: list(queue.events) for queue in queues}


def test_a_page_is_one_object_however_often_it_is_stored(settings: Settings) -> None:
    storage = Storage(settings.s3("lander"), settings.minio.landing_bucket)
    keys = {storage.store(PAGE, run) for run in ("one", "one", "another")}
    [key] = keys
    versions = as_part(settings, "stream").list_objects(settings.minio.landing_bucket, prefix=key, include_version=True)
    assert len(list(versions)) == 1
    answer = as_part(settings, "stream").get_object(settings.minio.landing_bucket, key)
    told = {
        name.removeprefix("x-amz-meta-"): value
        for name, value in answer.headers.items()
        if name.startswith("x-amz-meta-")
    }
    assert told == {
        "sha256": PAGE.sha256,
        "page": "1",
        "records": "1",
        "dataset": "sample",
        "origin": "real",
        "source": PAGE.source,
        "run": "one",
    }
    assert (answer.read(), answer.headers["Content-Type"]) == (BODY, "text/csv")


def test_other_bytes_under_the_key_are_kept_and_named(settings: Settings) -> None:
    storage = Storage(settings.s3("lander"), settings.minio.landing_bucket)
    storage.store(PAGE._replace(number=2), "one")
    other = PAGE._replace(number=2, body=b"other", sha256=hashlib.sha256(b"other").hexdigest())
    with pytest.raises(PageError, match=rf"page-000002\.csv holds bytes with sha256 {PAGE.sha256}"):
        storage.store(other, "two")


@pytest.mark.parametrize(
    ("key", "secret", "code"),
    [("lander", "not-the-secret-key", "SignatureDoesNotMatch"), ("nobody", "anything-at-all", "InvalidAccessKeyId")],
)
def test_wrong_credentials_are_named_and_the_secret_is_not_shown(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, key: str, secret: str, code: str
) -> None:
    monkeypatch.setenv("LANDER_ACCESS_KEY", key)
    monkeypatch.setenv("LANDER_SECRET_KEY", secret)
    with pytest.raises(
        ServiceError, match=rf"MinIO at {settings.minio.endpoint} refuses the access key {key}: {code}\. .*LANDER_"
    ):
        prepare(load())
    with pytest.raises(
        ServiceError, match=rf"MinIO at {settings.minio.endpoint}, .* as {key}, could not store"
    ) as refused:
        Storage(load().s3("lander"), settings.minio.landing_bucket).store(PAGE._replace(number=3), "one")
    assert secret not in str(refused.value)


def test_a_clock_that_is_20_minutes_off_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    late = datetime.now(UTC) + timedelta(minutes=20)
    monkeypatch.setattr("minio.time.utcnow", lambda: late)
    with pytest.raises(ServiceError, match=r"RequestTimeTooSkewed\. The clocks of this machine"):
        prepare(settings)


def test_minio_that_is_not_there_is_named() -> None:
    [port] = free_ports(1)
    nowhere = S3Access(f"http://127.0.0.1:{port}", "lander", SecretStr("secret"))
    with pytest.raises(
        ServiceError, match=rf"MinIO at http://127\.0\.0\.1:{port}, bucket landing, as lander, could not"
    ):
        Storage(nowhere, "landing").store(PAGE, "one")

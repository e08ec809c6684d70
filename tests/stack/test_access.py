"""Each part's MinIO user can do its work and nothing else, tried on a server of its own."""

import io
from collections.abc import Callable, Iterator

import pytest
from minio import Minio, S3Error
from minio.commonconfig import ENABLED
from minio.notificationconfig import NotificationConfig, QueueConfig
from minio.versioningconfig import VersioningConfig
from obstore.exceptions import AlreadyExistsError, GenericError, PermissionDeniedError
from pydantic import SecretStr

from conf import s3
from conf.first_start import access
from conf.places import PREDICTIONS
from conf.settings import Settings
from conf.tables import MESSAGES
from conf.versions import pins
from conf.versions.address import Address
from conf.versions.pins import Pin
from tests.stack.servers import access_of, as_part, minio_in
from training.errors import ServiceError
from training.services import check_minio

BODY = b"v1,v2\n"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A server with the buckets as the parts themselves make them, and one object in each."""
    with minio_in(tmp_path_factory.mktemp("home")) as loaded:
        as_part(loaded, "lander").make_bucket(bucket_name="landing")
        as_part(loaded, "stream").make_bucket(bucket_name="delta")
        for part, bucket in (("lander", "landing"), ("stream", "delta"), ("mlflow", "mlflow")):
            put(as_part(loaded, part), bucket)
        yield loaded


def put(minio: Minio, bucket: str, key: str = "key") -> None:
    minio.put_object(bucket_name=bucket, object_name=key, data=io.BytesIO(BODY), length=len(BODY))


def read(minio: Minio, bucket: str) -> None:
    answer = minio.get_object(bucket_name=bucket, object_name="key")
    try:
        assert answer.read() == BODY
    finally:
        answer.close()
        answer.release_conn()


def list_all(minio: Minio, bucket: str) -> None:
    assert len(list(minio.list_objects(bucket_name=bucket, recursive=True))) >= 1


def list_versions(minio: Minio, bucket: str) -> None:
    assert len(list(minio.list_objects(bucket_name=bucket, recursive=True, include_version=True))) >= 1


def keep_versions(minio: Minio, bucket: str) -> None:
    minio.set_bucket_versioning(bucket_name=bucket, config=VersioningConfig(ENABLED))


def notify(minio: Minio, bucket: str) -> None:
    queue = QueueConfig(queue="arn:minio:sqs::PRIMARY:kafka", events=["s3:ObjectCreated:*"])
    minio.set_bucket_notification(bucket_name=bucket, config=NotificationConfig(queue_config_list=[queue]))


def write(minio: Minio, bucket: str) -> None:
    put(minio, bucket, "another")


def delete(minio: Minio, bucket: str) -> None:
    minio.remove_object(bucket_name=bucket, object_name="another")


Action = Callable[[Minio, str], None]

ALLOWED: dict[tuple[str, str], tuple[Action, ...]] = {
    ("lander", "landing"): (keep_versions, notify, write, read, list_all),
    ("stream", "landing"): (read, list_all, list_versions),
    ("stream", "delta"): (write, read, list_all, delete),
    ("trainer", "delta"): (read, list_all),
    ("mlflow", "mlflow"): (write, read, list_all, delete),
}
# Not list_versions: for MinIO, who may list a bucket may list its versions.
ACTIONS = (read, list_all, keep_versions, write, delete)
USERS = ("lander", "stream", "trainer", "mlflow")
BUCKETS = ("landing", "delta", "mlflow")


@pytest.mark.parametrize(("part", "bucket"), ALLOWED)
def test_a_part_can_do_its_work(settings: Settings, part: str, bucket: str) -> None:
    for action in ALLOWED[part, bucket]:
        action(as_part(settings, part), bucket)


@pytest.mark.parametrize(
    ("part", "bucket", "action"),
    [
        pytest.param(part, bucket, action, id=f"{part}-{bucket}-{action.__name__}")
        for part in USERS
        for bucket in BUCKETS
        for action in ACTIONS
        if action not in ALLOWED.get((part, bucket), ())
    ],
)
def test_and_nothing_else(settings: Settings, part: str, bucket: str, action: Action) -> None:
    with pytest.raises(S3Error) as refused:
        action(as_part(settings, part), bucket)
    assert refused.value.code == "AccessDenied"


def test_the_trainer_pins_and_removes_no_pin(settings: Settings) -> None:
    """Through the client that it uses, create-only."""
    table = Address(settings.minio.delta_bucket, MESSAGES.name, settings.s3("trainer"))
    needed = Pin(version=3, who="a training", why="trained on")
    pins.put(table, needed)
    assert pins.every(table) == [needed]
    with pytest.raises(AlreadyExistsError):
        pins.put(table, needed)
    # DeleteObjects answers 200, and the refusal inside.
    with pytest.raises(GenericError, match="AccessDenied"):
        pins.remove(table, needed)
    for elsewhere in ("quarantine", "ledger"):
        with pytest.raises(PermissionDeniedError):
            pins.put(Address(table.root, elsewhere, table.access), needed)
    pins.remove(Address(table.root, table.name, settings.s3("stream")), needed)
    assert pins.every(table) == []


def test_the_trainer_keeps_predictions_and_deletes_none(settings: Settings) -> None:
    trainer = as_part(settings, "trainer")
    put(trainer, "delta", f"{PREDICTIONS}/sms-spam-1/messages-1/part")
    with pytest.raises(S3Error) as refused:
        trainer.remove_object(bucket_name="delta", object_name=f"{PREDICTIONS}/sms-spam-1/messages-1/part")
    assert refused.value.code == "AccessDenied"


@pytest.mark.parametrize("part", USERS)
def test_a_bucket_of_another_name_cannot_be_made(settings: Settings, part: str) -> None:
    with pytest.raises(S3Error) as refused:
        as_part(settings, part).make_bucket(bucket_name="another")
    assert refused.value.code == "AccessDenied"


def test_granting_again_changes_nothing_that_works(settings: Settings) -> None:
    access.grant(settings)
    read(as_part(settings, "trainer"), "delta")


def test_a_wrong_secret_is_not_taken_for_a_missing_right(settings: Settings) -> None:
    trainer = settings.s3("trainer")
    wrong = trainer._replace(secret_key=SecretStr("not-the-secret"))
    with pytest.raises(
        ServiceError, match=r"refuses the access key trainer: SignatureDoesNotMatch\. TRAINER_SECRET_KEY"
    ):
        check_minio(wrong, "s3a://delta/messages")
    with pytest.raises(ServiceError, match=r"refuses the access key trainer: AccessDenied\. The policy"):
        check_minio(trainer, "s3a://mlflow/messages")
    with pytest.raises(S3Error, match="InvalidAccessKeyId"):
        s3.has_bucket(s3.minio(trainer._replace(access_key="nobody")), "delta")


@pytest.mark.parametrize("bucket", ["landing", "nothing"])
def test_whether_a_bucket_is_there_is_answered(settings: Settings, bucket: str) -> None:
    assert s3.has_bucket(s3.minio(access_of(settings, "root")), bucket) is (bucket == "landing")

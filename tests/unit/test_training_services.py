"""A service that does not answer is told apart from one that refuses."""

import socket

import pytest
from pydantic import SecretStr

from conf.settings import MlflowAccess, S3Access
from tests.unit.answering import Answer, serving
from training.errors import ServiceError
from training.services import check_minio, check_mlflow


@pytest.fixture
def nobody() -> str:
    """An address that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def test_minio_that_is_not_there_is_named(nobody: str) -> None:
    with pytest.raises(ServiceError, match=f"MinIO does not answer at {nobody}"):
        check_minio(S3Access(nobody, "key", SecretStr("secret")), "s3a://delta/messages")


def test_another_bucket_than_the_trainers_own_is_named_with_that_one() -> None:
    """MinIO does not tell a bucket that is not there from one that is not to be seen."""
    denied = Answer(
        403, b"<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>", "application/xml"
    )
    with serving(lambda _: denied) as url:
        trainer = S3Access(url, "trainer", SecretStr("secret"))
        with pytest.raises(ServiceError, match=r"bucket detla of s3a://detla/messages: .* only use the bucket delta\."):
            check_minio(trainer, "s3a://detla/messages", "delta")
        with pytest.raises(ServiceError, match=r"AccessDenied\. The policy of this user lacks a right: `lake up`"):
            check_minio(trainer, "s3a://delta/messages", "delta")


def test_mlflow_that_is_not_there_is_named(nobody: str) -> None:
    with pytest.raises(ServiceError, match=f"MLflow does not answer at {nobody}"):
        check_mlflow(MlflowAccess(nobody, "trainer", SecretStr("secret"), nobody))


def test_a_local_table_needs_no_minio(nobody: str) -> None:
    check_minio(S3Access(nobody, "key", SecretStr("secret")), "/data/messages")

"""Checks that the services which a training needs answer, before Spark is started for nothing."""

from urllib.parse import urlsplit

import httpx
import urllib3
from minio.error import S3Error

from conf import s3
from conf.settings import MlflowAccess, S3Access
from training.errors import ServiceError
from training.mlflow_login import login, refused

PATIENCE_SECONDS = 5

# Unlike /health, it asks for a password.
LOGIN_PROBE = "/api/2.0/mlflow/experiments/search?max_results=1"


def check_mlflow(access: MlflowAccess) -> None:
    """MLflow answers to this login. Raises `ServiceError`."""
    try:
        answer = httpx.get(f"{access.url}{LOGIN_PROBE}", auth=login(access), timeout=PATIENCE_SECONDS)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise refused(access)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise ServiceError(f"MLflow does not answer at {access.url}: {error}. Start it with `lake up`.") from error


def check_minio(access: S3Access, location: str, own: str | None = None) -> None:
    """MinIO lets `access` see the bucket of an `s3a://` location; a local folder needs no MinIO. Raises `ServiceError`.

    `own` is the bucket that the trainer's policy is about.
    """
    address = urlsplit(location)
    if address.scheme != "s3a":
        return
    try:
        found = s3.has_bucket(s3.minio(access, retries=0, timeout=PATIENCE_SECONDS), address.netloc)
    except S3Error as error:
        if error.code == "AccessDenied" and own not in (None, address.netloc):
            raise ServiceError(
                f"MinIO at {access.endpoint} does not let {access.access_key} into the bucket {address.netloc} of {location}: "
                f"the trainer may only use the bucket {own}. Is the name mistyped?"
            ) from error
        refused = s3.refusal(access, "trainer", error.code)
        raise ServiceError(refused or f"MinIO at {access.endpoint} answers {error.code}: {error.message}.") from error
    except urllib3.exceptions.HTTPError as error:
        raise ServiceError(f"MinIO does not answer at {access.endpoint}. Start it with `lake up`.") from error
    if not found:
        raise ServiceError(f"MinIO at {access.endpoint} has no bucket {address.netloc}. `lake up` makes it.")

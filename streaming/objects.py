"""Fetches the bytes of one object version: one GET, never another version, never a LIST."""

from dataclasses import dataclass

import urllib3
from minio import Minio
from minio.error import S3Error

from conf.settings import S3Access

GONE = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed"})
SUPERSEDED = frozenset({"PreconditionFailed"})
TIMEOUT_SECONDS = 60
RETRIES = 5


@dataclass(frozen=True)
class Body:
    """The bytes of the object version that was asked for."""

    content: bytes


@dataclass(frozen=True)
class Absent:
    """That version cannot be read any more; `state` is `vanished` or `superseded`."""

    state: str


def client(access: S3Access) -> Minio:
    """A MinIO client that retries what is transient (503, cut connections) before it raises."""
    retry = urllib3.Retry(total=RETRIES, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504])
    pool = urllib3.PoolManager(retries=retry, timeout=urllib3.Timeout(TIMEOUT_SECONDS), maxsize=16)
    return Minio(
        access.endpoint.removeprefix("http://"),
        access_key=access.access_key,
        secret_key=access.secret_key.get_secret_value(),
        secure=False,
        region="us-east-1",
        http_client=pool,
    )


def fetch(minio: Minio, bucket: str, key: str, version: str | None, etag: str) -> Body | Absent:
    """The bytes of exactly this version, or the news that it is gone.

    Without versioning the ETag of the notification takes the version's place (`If-Match`). Trouble that may pass raises:
    the task is tried again, and an object is never given up for it.
    """
    headers: dict[str, str | list[str] | tuple[str]] = {} if version else {"If-Match": f'"{etag}"'}
    try:
        with minio.get_object(bucket, key, version_id=version, request_headers=headers) as response:
            return Body(response.read())
    except S3Error as error:
        if error.code in GONE:
            return Absent("vanished")
        if error.code in SUPERSEDED:
            return Absent("superseded")
        raise

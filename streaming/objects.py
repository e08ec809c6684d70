"""Object versions of the landing bucket: their listing, and the bytes of one of them by one GET."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import urllib3
from minio import Minio
from minio.error import S3Error

from conf.settings import S3Access

GONE = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed"})
SUPERSEDED = frozenset({"PreconditionFailed"})
TIMEOUT_SECONDS = 60
RETRIES = 5


Identity = tuple[str, str]
"""What makes it this object version and no other: its key and its version id, or its ETag without versioning."""


@dataclass(frozen=True)
class ObjectVersion:
    """One version of one object in the landing bucket."""

    key: str
    version: str | None
    etag: str
    size: int
    landed_at: datetime

    @property
    def identity(self) -> Identity:
        """It is the same whoever tells of this version."""
        return self.key, self.version or self.etag


def version_id(told: str | None) -> str | None:
    """The version's id, or None for what was written without versioning.

    MinIO lists that as the version "null"; its notification says "null" as well, or says nothing.
    """
    return None if told in {None, "", "null"} else told


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


def landed(minio: Minio, bucket: str) -> Iterator[ObjectVersion]:
    """Every object version that is there now, one LIST request for each thousand; none when there is no such bucket."""
    if not minio.bucket_exists(bucket):
        return
    for item in minio.list_objects(bucket, recursive=True, include_version=True):
        if item.object_name is None or item.etag is None or item.last_modified is None or item.is_delete_marker:
            continue
        yield ObjectVersion(
            item.object_name, version_id(item.version_id), item.etag, item.size or 0, item.last_modified
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

"""Fetches the bytes of exactly one object version by one GET, or says why there are none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import obstore
import urllib3
from minio.error import InvalidResponseError, S3Error, ServerError
from obstore.exceptions import BaseError

from conf import s3
from conf.settings import S3Access
from streaming.events.objects import ObjectVersion

if TYPE_CHECKING:
    from obstore import GetOptions

GONE = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed"})
SUPERSEDED = frozenset({"PreconditionFailed"})
# What MinIO answers when the name itself is at fault: asking again cannot help.
NAMELESS = frozenset(
    {"InvalidArgument", "InvalidRequest", "KeyTooLongError", "XMinioInvalidObjectName", "XMinioInvalidResourceName"}
)


class PassingError(Exception):
    """The object store is away, busy or refuses, which is not the object's fault. The message says what it answered."""


@dataclass(frozen=True)
class Body:
    """The bytes of the object version that was asked for, and the headers that describe it."""

    content: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Absent:
    """That version cannot be read any more; `state` is `vanished` or `superseded`."""

    state: Literal["vanished", "superseded"]


@dataclass(frozen=True)
class TooLarge:
    """The object has this many bytes, more than may be read."""

    size: int


@dataclass(frozen=True)
class Unnameable:
    """The object store knows no object by such a name."""

    code: str


Fetched = Body | Absent | TooLarge | Unnameable


class Landing:
    """The objects of the landing bucket, as one task reads them: many at a time."""

    def __init__(self, access: S3Access, most_bytes: int) -> None:
        self._access, self._most_bytes = access, most_bytes
        self._minio = s3.minio(access)

    def fetch(self, version: ObjectVersion) -> Fetched:
        """Return the bytes of exactly this version, or the news that it is gone, too large, or has an impossible name.

        Without versioning, the notification's ETag takes the version's place (`If-Match`). Raises `PassingError` for trouble
        that may pass: an object is never given up for it.
        """
        return self._at_once(version) or self._patiently(version)

    def _at_once(self, version: ObjectVersion) -> Body | TooLarge | None:
        """Read by one GET of obstore, in a third of the time that minio-py takes; None when that tells nothing of the bytes."""
        # obstore drops a trailing slash, which gives the name of another object.
        if version.key.endswith("/"):
            return None
        exactly: GetOptions = {"version": version.version} if version.version else {"if_match": f'"{version.etag}"'}
        try:
            answer = obstore.get(s3.store(self._access, version.bucket, retries=0), version.key, options=exactly)
            size, told = answer.meta["size"], {name: str(value) for name, value in answer.attributes.items()}
            if size > self._most_bytes:
                return TooLarge(size)
            content = bytes(answer.bytes())
        except (BaseError, OSError, ValueError):
            return None
        return Body(content, told) if len(content) == size else None

    def _patiently(self, version: ObjectVersion) -> Fetched:
        """Read by minio-py, which retries for a while, and tells why there are no bytes."""
        headers: dict[str, str | list[str] | tuple[str]] = {} if version.version else {"If-Match": f'"{version.etag}"'}
        try:
            with self._minio.get_object(
                version.bucket, version.key, version_id=version.version, request_headers=headers
            ) as answer:
                told = dict(answer.headers)
                size = int(told.get("content-length") or told.get("Content-Length") or 0)
                if size > self._most_bytes:
                    return TooLarge(size)
                content = answer.read()
            if len(content) != size:
                raise PassingError(f"GET of {version.key!r} ended after {len(content)} of {size} bytes")
            return Body(content, told)
        except S3Error as error:
            return _refused(version, error)
        except (ServerError, InvalidResponseError, urllib3.exceptions.HTTPError, OSError) as error:
            raise PassingError(f"GET of {version.key!r}: {type(error).__name__}: {error}") from error


def _refused(version: ObjectVersion, error: S3Error) -> Absent | Unnameable:
    if error.code in GONE:
        return Absent("vanished")
    if error.code in SUPERSEDED:
        return Absent("superseded")
    if error.code in NAMELESS:
        return Unnameable(error.code)
    raise PassingError(f"GET of {version.key!r}: {error.code}: {error.message}") from error

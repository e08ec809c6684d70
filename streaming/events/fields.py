"""The allowed values of keys, ETags, versions, sizes and times, in records of any kind.

Anyone who can write to a topic can write anything. What passes here can be requested from the object store, hashed, and
kept in the tables' columns.
"""

from datetime import UTC, datetime
from reprlib import Repr
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from streaming.events.objects import version_id

KEY_BYTES = 1024
LARGEST_SIZE = 2**63 - 1
# Before the first object store; and a time that readers which count nanoseconds can still tell (pandas: up to April 2262).
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2262, 1, 1, tzinfo=UTC)
# Visible ASCII without the quotation mark: it travels in a header (`If-Match`) or in a query.
_VISIBLE = r"^[!#-~]{1,1024}$"
# What MinIO trims from a segment before it looks for dots.
_BLANKS = " \t\n\v\f\r"

_short = Repr()
_short.maxstring = _short.maxother = 120


class Part(BaseModel):
    """A part of a record. Values are not converted; fields that are not named here are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


def nameable(key: str) -> str:
    """Return the key if a GET can name it. Raises a ValueError that says what is wrong.

    MinIO answers 400 to all keys refused here but two. `/a` is stored as `a`, and would be an object with two names;
    a single blank is stored, but minio-py does not ask for it.
    """
    if not key.strip():
        raise ValueError("a key has at least one character that is not blank")
    if len(key.encode()) > KEY_BYTES:
        raise ValueError(f"a key has at most {KEY_BYTES} bytes")
    if "\0" in key:
        raise ValueError("a key has no NUL")
    if key.startswith("/") or "//" in key:
        raise ValueError("a key has no empty segment")
    # MinIO takes a backslash for a slash here.
    if {".", ".."} & {segment.strip(_BLANKS) for segment in key.replace("\\", "/").split("/")}:
        raise ValueError("a key has no segment `.` or `..`")
    return key


def _time(told: object) -> datetime:
    time = datetime.fromisoformat(told) if isinstance(told, str) else told
    if not isinstance(time, datetime):
        raise ValueError("a time is ISO 8601 text")  # noqa: TRY004  # pydantic takes a TypeError for a programmer's
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    if not EARLIEST <= aware < LATEST:
        raise ValueError(f"a time lies between {EARLIEST:%Y} and {LATEST:%Y}")
    return aware.astimezone(UTC)


def _version(told: object) -> object:
    return version_id(told) if isinstance(told, str) else told


Key = Annotated[str, AfterValidator(nameable)]
ETag = Annotated[str, Field(pattern=_VISIBLE)]
Version = Annotated[Annotated[str, Field(pattern=_VISIBLE)] | None, BeforeValidator(_version)]
Size = Annotated[int, Field(ge=0, le=LARGEST_SIZE)]
Time = Annotated[datetime, BeforeValidator(_time)]
"""In UTC; a time without a zone is taken as UTC."""


def why(error: ValidationError) -> str:
    """The first thing that is wrong: where, what, and the value in short."""
    first: dict[str, Any] = dict(error.errors(include_url=False, include_context=False)[0])
    place = ".".join(str(step) for step in first["loc"])
    return f"{place or 'record'}: {first['msg']}, got {_short.repr(first['input'])}"

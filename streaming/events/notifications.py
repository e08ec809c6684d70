"""What a record of the topic `landing-events` says: which object versions have landed.

MinIO writes S3 event records, as other S3 servers do. The object key inside them is form-encoded (`a b` is `a+b`) and is
decoded exactly once. Where a name occurs twice in one JSON object, the last one counts, as in every JSON reader.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from urllib.parse import unquote_plus

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from streaming.events.fields import ETag, Part, Size, Time, Version, nameable, why
from streaming.events.objects import ObjectVersion
from streaming.events.records import KafkaRecord, Told

# MinIO's spelling, and that of S3 itself.
CREATED = ("s3:ObjectCreated:", "ObjectCreated:")


def _decoded(key: str) -> str:
    return nameable(unquote_plus(key, errors="strict"))


class Notification(Part):
    events: list[Any] = Field(alias="Records")


class TestEvent(Part):
    """S3 sends it when somebody asks for notifications."""

    event: Literal["s3:TestEvent"] = Field(alias="Event")


class _Kind(Part):
    name: str = Field(alias="eventName")


class _Bucket(Part):
    name: str


class _Place(Part):
    bucket: _Bucket


class _Placed(Part):
    s3: _Place


class _Object(Part):
    key: Annotated[str, AfterValidator(_decoded)]
    version: Version = Field(None, alias="versionId")
    etag: ETag = Field(alias="eTag")
    # A zero-byte object has no size in its event.
    size: Size = 0


class _Created(Part):
    object: _Object


class _Landing(Part):
    time: Time = Field(alias="eventTime")
    s3: _Created


class _PlacedObject(_Place, _Created):
    """Both at once."""


class _Event(_Kind, _Landing):
    s3: _PlacedObject


class _Usual(Part):
    events: list[_Event] = Field(alias="Records")


_SAID: TypeAdapter[Notification | TestEvent] = TypeAdapter(Notification | TestEvent)


def read(record: KafkaRecord, bucket: str) -> Told:
    """Return the object versions that landed in `bucket`; the record's bad events are named in its `fault`.

    Raises a ValueError when the record is no notification at all.
    """
    if not record.value:
        raise ValueError("the record is empty")
    try:
        return _told(_Usual.model_validate_json(record.value).events, bucket)
    except ValidationError:
        return read_carefully(record.value, bucket)


def _told(events: Sequence[_Event], bucket: str) -> Told:
    """What a record without bad events tells. Most records are such; read in one go, they take half the time."""
    versions = [
        _landed(event, bucket) for event in events if event.name.startswith(CREATED) and event.s3.bucket.name == bucket
    ]
    return Told(versions, len(events) - len(versions))


def read_carefully(value: bytes, bucket: str) -> Told:
    """The same for any record: each event is read by itself."""
    said = _SAID.validate_json(value)
    if isinstance(said, TestEvent):
        return Told(ignored=1)
    versions, faults = [], []
    for number, event in enumerate(said.events):
        try:
            versions.append(_version(event, bucket))
        except ValidationError as error:
            faults.append(f"event {number}: {why(error)}")
    landed = [version for version in versions if version]
    return Told(landed, len(versions) - len(landed), _fault(faults, len(said.events)))


def _version(event: Any, bucket: str) -> ObjectVersion | None:
    """None when it is about another bucket, or no object has landed."""
    if not _Kind.model_validate(event).name.startswith(CREATED):
        return None
    if _Placed.model_validate(event).s3.bucket.name != bucket:
        return None
    return _landed(_Landing.model_validate(event), bucket)


def _landed(said: _Landing, bucket: str) -> ObjectVersion:
    landed = said.s3.object
    return ObjectVersion(bucket, landed.key, landed.version, landed.etag, landed.size, said.time)


def _fault(faults: list[str], events: int) -> str | None:
    if not faults:
        return None
    return faults[0] if len(faults) == 1 else f"{len(faults)} of {events} events, the first: {faults[0]}"

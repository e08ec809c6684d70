"""Reconciliation's progress through the bucket, kept across restarts. It is a cache: without it a round starts over."""

import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from pydantic import AwareDatetime, BaseModel, ValidationError

from streaming.events.listing import BEGINNING, Marker, place
from streaming.events.objects import ObjectVersion

# MinIO sends its queued events every 3 s; an object younger than this may not have been announced yet.
ANNOUNCED_WITHIN = timedelta(seconds=30)
# A clock that is further ahead is wrong, and versions that it has stamped are not waited for.
CLOCK_AHEAD = timedelta(hours=1)


class Newest(NamedTuple):
    """The version that landed last, as far as is known."""

    landed_at: AwareDatetime
    place: Marker


class Course(BaseModel):
    """Where the round over the whole bucket continues, and the version after which new ones are expected."""

    bucket: str
    round: Marker = BEGINNING
    newest: Newest = Newest(datetime.min.replace(tzinfo=UTC), BEGINNING)

    @classmethod
    def load(cls, file: Path, bucket: str) -> "Course":
        """Read what was saved for this bucket; return a new course when nothing was, or it cannot be read."""
        try:
            saved = cls.model_validate_json(file.read_bytes())
        except (FileNotFoundError, ValidationError):
            return cls(bucket=bucket)
        return saved if saved.bucket == bucket else cls(bucket=bucket)

    def save(self, file: Path) -> None:
        """The file holds this, or what it held before."""
        file.parent.mkdir(parents=True, exist_ok=True)
        written = file.with_suffix(".new")
        written.write_text(self.model_dump_json())
        os.replace(written, file)


def overdue(versions: Iterable[ObjectVersion], now: datetime) -> list[ObjectVersion]:
    """The versions that are too old, at this time, for their notification still to be under way."""
    return [version for version in versions if version.landed_at <= now - ANNOUNCED_WITHIN]


def newest(known: Newest, versions: Iterable[ObjectVersion], now: datetime) -> Newest:
    """The version that landed last, among `known` and these, which are in the order of the listing.

    A version whose notification may be under way is to be looked at again, so nothing behind it counts.
    """
    for version in versions:
        if now - ANNOUNCED_WITHIN < version.landed_at <= now + CLOCK_AHEAD:
            break
        if version.landed_at <= now:
            known = max(known, Newest(version.landed_at, place(version)))
    return known

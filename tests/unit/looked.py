"""A lake to look at: the tests' lake with its landing bucket as a folder."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from conf.places import page_key
from conf.settings import S3Access
from streaming.decide.fetch import Absent, Body, Fetched
from streaming.decide.worker import Job
from streaming.events.intake import Announced
from streaming.events.objects import ObjectVersion
from streaming.feeds.feed import Feed
from streaming.look.landed import Landed
from streaming.look.question import Tables
from streaming.page.limits import DEFAULT
from streaming.rows.stamp import Stamp
from tests.sms import SMS
from tests.unit.audited import BUCKET, Lake, page

NOBODY = S3Access("http://127.0.0.1:9", "nobody", SecretStr("none"))

__all__ = ["LookedAt", "page", "page_key"]


class LookedAt(Lake):
    """A lake whose landed bytes can be read again."""

    def __init__(self, folder: Path, feed: Feed = SMS) -> None:
        super().__init__(folder, feed)
        self.objects = folder / "landing"
        self.objects.mkdir()

    def land(self, content: bytes, key: str, version: str | None = "v1", found_by: Any = "notification") -> Announced:
        """An object version whose bytes lie in the folder."""
        landed = super().land(content, key, version, found_by)
        self.file(landed).write_bytes(content)
        return landed

    def file(self, version: ObjectVersion) -> Path:
        """Where its bytes lie."""
        return self.objects / version.identity

    def fetch(self, version: ObjectVersion) -> Fetched:
        """What `Landing.fetch` does with MinIO."""
        file = self.file(version)
        return Body(file.read_bytes(), {}) if file.exists() else Absent("vanished")

    def landed(self) -> Landed:
        """The folder as whoever traces a row reads it."""
        return Landed(self.fetch, BUCKET, self.feed, DEFAULT)

    def job(self, feed: Feed | None = None) -> Job:
        """What decides objects of the folder as the next cleaner would, by this feed or by the lake's own."""
        stamp = Stamp(1, "decision-1", 0, datetime(2026, 1, 2, tzinfo=UTC), "next")
        return Job(NOBODY, self.place, stamp, feed or self.feed, DEFAULT, 2**20, 2**30)

    def tables(self, version: int | None = None) -> Tables:
        """The tables as of one version of messages."""
        return Tables(self.place, version)

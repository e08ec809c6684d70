"""The bytes of a record where they landed: read again at the exact object version, and compared with what the tables say of it."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from conf.settings import Settings
from streaming.decide import worker
from streaming.decide.fetch import Body, Fetched, Landing, PassingError
from streaming.errors import LookError
from streaming.events.objects import ObjectVersion
from streaming.feeds import declaration
from streaming.feeds.feed import Feed
from streaming.page import parser
from streaming.page.limits import Limits

_ROW = ("label", "text", "text_raw", "repair", "rescued")


@dataclass(frozen=True)
class Record:
    """A record in its page, or why it cannot be shown."""

    page: Literal["verified", "unverified", "changed", "gone", "unreadable"]
    """`verified`: the page's SHA-256 is that of the tables. `unverified`: they have none (version 0.1)."""
    detail: str
    sha256: str | None = None
    offset: int | None = None
    raw: bytes | None = None
    reading: Literal["same", "differs", "missing"] | None = None
    """Whether today's parser reads the record as the tables hold it."""


class Landed:
    """The landing bucket. The last page read is kept: rows of one page come one after the other."""

    def __init__(self, fetch: worker.Fetch, bucket: str, feed: Feed, limits: Limits) -> None:
        """`bucket` is that of rows that name none."""
        self._fetch, self._bucket, self._feed, self._limits = fetch, bucket, feed, limits
        self.damages = feed.damages
        self._last: tuple[ObjectVersion, Fetched] | None = None

    def record(self, row: dict[str, Any]) -> Record:
        """The record that a row of `messages` or `quarantine` comes from, by the row's columns."""
        version = ObjectVersion(
            row["source_bucket"] or self._bucket,
            row["source_key"],
            row["source_version"],
            row["source_etag"],
            0,
            row["landed_at"],
        )
        found = self._fetched(version)
        if not isinstance(found, Body):
            state = getattr(found, "state", "")
            return Record(
                "gone" if state else "unreadable",
                f"landing no longer has this version ({state})" if state else str(found),
            )
        digest = sha256(found.content).hexdigest()
        if row["content_sha256"] not in (digest, None):
            return Record(
                "changed", f"landing has other bytes: {digest}, the tables say {row['content_sha256']}", digest
            )
        return self._located(found.content, digest, row)

    def _located(self, content: bytes, digest: str, row: dict[str, Any]) -> Record:
        page: Literal["verified", "unverified"] = "verified" if row["content_sha256"] else "unverified"
        detail = "" if row["content_sha256"] else "the tables have no SHA-256 of this page"
        try:
            located = parser.located(content, row["source_row"], self._feed, self._limits)
        except parser.PageError as error:
            return Record(page, f"today's parser refuses the page: {error}", digest, reading="missing")
        if located is None:
            return Record(page, f"today's parser finds no record {row['source_row']}", digest, reading="missing")
        same = _same(located, row, self._feed)
        return Record(page, detail, digest, located.offset, located.raw, "same" if same else "differs")

    def _fetched(self, version: ObjectVersion) -> Fetched:
        if self._last is None or self._last[0] != version:
            try:
                self._last = version, self._fetch(version)
            except PassingError as error:
                raise LookError(f"The landing bucket cannot be read: {error}") from error
        return self._last[1]


def of_minio(settings: Settings) -> Landed:
    """The landing bucket in MinIO, and pages read as the query reads them."""
    # Of all users that may read there, the stream's has the fewest rights: reading.
    landing = Landing(settings.s3("stream"), settings.stream.max_object_bytes)
    feed = declaration.of(settings)
    return Landed(landing.fetch, settings.minio.landing_bucket, feed, worker.limits_of(settings.stream))


def _same(located: parser.Located, row: dict[str, Any], feed: Feed) -> bool:
    if "label" not in row:
        return located.raw.startswith(row["raw"] or b"")
    if not isinstance(located.found, list) or row["source_part"] >= len(located.found):
        return False
    message = located.found[row["source_part"]]
    own = message.columns or {}
    return all(getattr(message, name) == row[name] for name in _ROW) and all(
        own.get(column.name) == row.get(column.name) for column in feed.added
    )

"""Finds landed object versions that no notification has told of, and announces them, without being asked.

MinIO stores an object and then queues its event: if it is killed in between, it never sends one. So the bucket's listing is
compared with the versions that have an outcome and those that wait in the topics. The others, when overdue, are announced on
the control topic. If a notification still comes after that, it is a repeated one: the object is loaded once.

The cost of a pass does not grow with the bucket. A pass lists what comes after the version that landed last (a page's key is
greater than that of the page before), and a part of the whole bucket, which it gets round part by part. It does not start
after the greatest key: a single key such as `~` would hide all that lands after it.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import chain
from threading import Event, Thread
from typing import Protocol

from pydantic import ValidationError

from conf.settings import S3Access, Settings
from streaming.errors import ServiceError
from streaming.events import backlog, control
from streaming.events.control import Landed
from streaming.events.course import Course, newest, overdue
from streaming.events.fields import why
from streaming.events.listing import BEGINNING, PAGE, Listing, Marker
from streaming.events.objects import ObjectVersion

log = logging.getLogger(__name__)

# What is held in memory at once, and announced at once: 10,000 versions.
PAGES_AT_ONCE = 10
# Twice what is announced at once. Behind more records than that, the query would reach an announcement only much later.
WAITING_AT_MOST = 20_000
# Only this many of the objects that cannot be announced are remembered, so that each is logged once.
REPORTED_AT_MOST = 1_000


class Decided(Protocol):
    """Knows what has an outcome. It is asked from reconciliation's own thread."""

    def undecided(self, identities: Sequence[str]) -> set[str]:
        """Return those of the identities that have no outcome."""
        ...


class BehindError(Exception):
    """So many records wait that the query must catch up first."""


class Reconciliation(Thread):
    """Reconciles for as long as the process lives, every `STREAM_RECONCILE_SECONDS`, beside the query."""

    def __init__(self, settings: Settings, access: S3Access, decided: Decided, prefix: str = "") -> None:
        """Reconcile only objects whose keys begin with `prefix`."""
        super().__init__(name="reconciliation", daemon=True)
        self._settings, self._decided = settings, decided
        self._listing = Listing(access, settings.minio.landing_bucket, prefix)
        self._course_file = settings.state / "reconciliation.json"
        self._course = Course.load(self._course_file, f"{settings.minio.landing_bucket}/{prefix}".rstrip("/"))
        self._asked = Event()
        self._full: Marker | None = None
        self._reported: set[str] = set()
        self._error: Exception | None = None

    def run(self) -> None:
        """The work of the thread; `start` starts it."""
        try:
            while True:
                self.once()
                self._asked.wait(self._settings.stream.reconcile_seconds)
        except Exception as error:  # noqa: BLE001  # raised where the query is watched
            self._error = error

    def check(self) -> None:
        """Raise the error that ended the thread: a query without reconciliation would only seem to keep its promise."""
        if self._error:
            raise self._error

    def ask_full_pass(self) -> None:
        """The next pass goes through the whole bucket, and begins at once."""
        self._asked.set()

    def full_pass(self) -> bool:
        """Compare the whole bucket now. False when so many records wait that the rest is put off to the next pass.

        Raises `ServiceError` when a service does not answer or refuses.
        """
        self.ask_full_pass()
        return self._pass()

    def once(self) -> None:
        """One pass. A service that does not answer puts it off."""
        try:
            self._pass()
        except ServiceError as error:
            log.warning("reconciliation is put off to its next pass: %s", error)

    def _pass(self) -> bool:
        if self._asked.is_set():
            self._asked.clear()
            self._full = BEGINNING
        try:
            if self._full is None:
                self._list_a_part()
            else:
                self._list_all(self._full)
        except BehindError as error:
            log.warning("reconciliation is put off to its next pass: %s", error)
            return False
        finally:
            self._course.save(self._course_file)
        return True

    def _list_a_part(self) -> None:
        pages = -(-self._settings.stream.reconcile_objects // PAGE)
        self._compare(self._course.newest.place, min(pages, PAGES_AT_ONCE))
        while pages > 0:
            following = self._compare(self._course.round, min(pages, PAGES_AT_ONCE))
            self._course.round = following or BEGINNING
            pages = pages - PAGES_AT_ONCE if following else 0

    def _list_all(self, after: Marker | None) -> None:
        while after is not None:
            self._full = after = self._compare(after, PAGES_AT_ONCE)

    def _compare(self, after: Marker, pages: int) -> Marker | None:
        """Announce what is overdue on these pages, and return where the next ones begin."""
        # Take the time first: a slow listing must not make objects older.
        began = datetime.now(UTC)
        listed = list(self._listing.pages(after, pages))
        late: dict[str, Landed] = {}
        for page in listed:
            late |= self._late(overdue(page.versions, began))
        self._announce(late)
        versions = chain.from_iterable(page.versions for page in listed)
        self._course.newest = newest(self._course.newest, versions, began)
        return listed[-1].end

    def _late(self, versions: Iterable[ObjectVersion]) -> dict[str, Landed]:
        """The announcements of the versions that have no outcome, by identity."""
        known = {version.identity: version for version in versions}
        missing = self._decided.undecided(list(known))
        said = {identity: self._said(known[identity]) for identity in known if identity in missing}
        return {identity: record for identity, record in said.items() if record}

    def _said(self, version: ObjectVersion) -> Landed | None:
        """The announcement; None when no record can name the version, which is logged once and left where it is."""
        try:
            return control.landed(version)
        except ValidationError as error:
            if version.identity not in self._reported and len(self._reported) < REPORTED_AT_MOST:
                self._reported.add(version.identity)
                log.warning("%r lies in the bucket and cannot be announced: %s", version.key, why(error))
            return None

    def _announce(self, late: dict[str, Landed]) -> None:
        if not late:
            return
        waits = backlog.waiting(self._settings, WAITING_AT_MOST)
        if waits is None:
            raise BehindError(f"more than {WAITING_AT_MOST} records wait to be read")
        # Asked again after the topics were read: an object on its way from there to its outcome is in at least one of them.
        missing = self._decided.undecided([identity for identity in late if identity not in waits])
        found = [record for identity, record in late.items() if identity in missing]
        if found:
            control.send(self._settings, found)
            log.warning("reconciliation announced %d object versions that no notification had told of", len(found))

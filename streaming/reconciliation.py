"""Finds landed object versions that no notification has told of, and announces them, without anyone asking.

MinIO stores an object and then queues its event: killed in between, it never sends one. So what the bucket lists is
compared with what has an outcome and what waits in the topics; what is left and overdue is announced on the control topic. A
notification that comes after all, later than that, is a repeated one: the object is loaded once.
"""

import logging
import time
from collections.abc import Container, Iterable
from datetime import UTC, datetime, timedelta
from threading import Thread

from minio.error import MinioException
from urllib3.exceptions import HTTPError

from conf.settings import S3Access, Settings
from streaming import control, objects
from streaming.backlog import waiting
from streaming.objects import Identity, ObjectVersion
from streaming.services import ServiceError

log = logging.getLogger(__name__)

# MinIO sends what it queued every 3 s; an object younger than this may not have been announced yet.
ANNOUNCED_WITHIN = timedelta(seconds=30)
# What one pass announces at most; the next one goes on.
ANNOUNCED_AT_ONCE = 10_000
# What a service answers, or fails to. A later pass may find it mended; until then each pass says in the log what it was.
UNAVAILABLE = (ServiceError, MinioException, HTTPError)


def overdue(versions: Iterable[ObjectVersion], now: datetime) -> list[ObjectVersion]:
    """Those that are too old, at this time, for their notification to be under way."""
    return [version for version in versions if version.landed_at <= now - ANNOUNCED_WITHIN]


def reconcile(settings: Settings, access: S3Access, loaded: Container[Identity]) -> int:
    """Announce what is overdue; answers how many object versions that were. `loaded` are those with an outcome.

    Raises one of `UNAVAILABLE` when a service does not answer or refuses.
    """
    bucket = settings.landing_bucket
    # The time first: what takes long makes no object older.
    began = datetime.now(UTC)
    missing = (version for version in objects.landed(objects.client(access), bucket) if version.identity not in loaded)
    late = overdue(missing, began)
    if not late:
        return 0
    # Once more, after what waits: an object on its way from there to its outcome is in at least one of them.
    waits = waiting(settings)
    found = [version for version in late if version.identity not in waits and version.identity not in loaded]
    if found:
        control.send(settings, [control.landed(version, bucket) for version in found[:ANNOUNCED_AT_ONCE]])
    return len(found[:ANNOUNCED_AT_ONCE])


class Reconciliation(Thread):
    """Reconciles for as long as the process lives, every `STREAM_RECONCILE_SECONDS`, beside the query."""

    def __init__(self, settings: Settings, access: S3Access, loaded: Container[Identity]) -> None:
        super().__init__(name="reconciliation", daemon=True)
        self._settings, self._access, self._loaded = settings, access, loaded
        self._error: Exception | None = None

    def run(self) -> None:
        """What the thread does; `start` starts it."""
        try:
            while True:
                self.once()
                time.sleep(self._settings.stream_reconcile_seconds)
        except Exception as error:  # noqa: BLE001  # raised where the query is watched
            self._error = error

    def check(self) -> None:
        """Raises what ended it: a query without reconciliation would only seem to keep its promise."""
        if self._error:
            raise self._error

    def once(self) -> None:
        """One pass. A service that does not answer puts it off."""
        try:
            found = reconcile(self._settings, self._access, self._loaded)
        except UNAVAILABLE as error:
            log.warning("reconciliation is put off to its next pass: %s", error)
            return
        if found:
            log.warning("reconciliation announced %d object versions that no notification had told of", found)

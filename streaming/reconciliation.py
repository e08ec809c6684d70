"""Finds landed object versions whose notification was lost, and announces them, without anyone asking.

MinIO stores an object and then queues its event: killed in between, it never sends one. So what the bucket lists is
compared with what has an outcome and what waits in the topics; the rest is announced on the control topic. An object
that is announced twice is loaded once, as with any repeated notification.
"""

import logging
import time
from collections.abc import Container, Iterable
from datetime import UTC, datetime, timedelta
from threading import Thread

from minio.error import S3Error
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
# What passes by itself: the next pass will do.
TRANSIENT = (ServiceError, S3Error, HTTPError)


def lost(versions: Iterable[ObjectVersion], known: Container[Identity], now: datetime) -> list[ObjectVersion]:
    """Those that nothing will load any more: not known, and too old for their notification to be under way.

    `known` is what waits in the topics, looked up after the listing, and what has an outcome, looked up last: an object on
    its way from the one to the other is in at least one of them.
    """
    latest = now - ANNOUNCED_WITHIN
    return [version for version in versions if version.identity not in known and version.landed_at <= latest]


def reconcile(settings: Settings, access: S3Access, loaded: Container[Identity]) -> int:
    """Announce what was lost; answers how many object versions that were. `loaded` are those with an outcome.

    Raises one of `TRANSIENT` when a service does not answer.
    """
    bucket = settings.landing_bucket
    missing = [version for version in objects.landed(objects.client(access), bucket) if version.identity not in loaded]
    if not missing:
        return 0
    found = lost(missing, waiting(settings), datetime.now(UTC))
    # Looked at once more: what waited at first may have been loaded since.
    records = [control.landed(version, bucket) for version in found if version.identity not in loaded]
    if records:
        control.send(settings, records[:ANNOUNCED_AT_ONCE])
    return len(records[:ANNOUNCED_AT_ONCE])


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
        except TRANSIENT as error:
            log.warning("reconciliation is put off to its next pass: %s", error)
            return
        if found:
            log.warning("reconciliation announced %d object versions whose notification was lost", found)

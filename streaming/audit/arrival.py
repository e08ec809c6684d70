"""Waits until all pages of the source have landed and every landed object has its outcome.

It runs every two seconds, so it looks only at the source, the bucket, the ledger and the waiting records. Whether the rows are right is the audit's
question.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from conf.errors import LakeError
from conf.settings import Settings
from streaming import services
from streaming.audit import entries, landing
from streaming.audit.findings import Findings
from streaming.audit.snapshot import Snapshot
from streaming.audit.source import Source
from streaming.ledger.place import Place

POLL_SECONDS = 2
PATIENCE_SECONDS = 300


class ArrivalError(LakeError):
    """Nothing has moved for a while; the message says where things stand."""


@dataclass(frozen=True)
class Arrival:
    """The progress so far: pages at the source, then objects, then rows."""

    served: int
    remaining: int
    unconfirmed: int
    landed: int
    decided: int
    pending: int
    unaccounted: int
    rows: int

    @property
    def complete(self) -> bool:
        """The source has nothing left, and every landed object has its outcome."""
        return not (self.remaining or self.unconfirmed or self.pending or self.unaccounted)


def arrivals(settings: Settings) -> Iterator[Arrival]:
    """Where things stand, every two seconds; the last one says that everything has arrived.

    Raises `ArrivalError` when nothing moves for five minutes.
    """
    last, moved = None, time.monotonic()
    while True:
        now = arrival(settings)
        yield now
        if now.complete:
            return
        if now != last:
            last, moved = now, time.monotonic()
        elif time.monotonic() - moved > PATIENCE_SECONDS:
            raise ArrivalError(_standstill(now, settings))
        time.sleep(POLL_SECONDS)


def arrival(settings: Settings) -> Arrival:
    """Where things stand now. Raises `ServiceError` when a service does not answer."""
    access = settings.s3("stream")
    services.check(settings, access)
    source = Source(settings.source.url).status()
    with TemporaryDirectory(prefix="lake-arrival-") as name:
        looked = landing.look(settings, access, Path(name))
        snapshot = Snapshot(Place(settings.minio.delta_bucket, access), settings.minio.landing_bucket, Path(name))
        undecided, _ = landing.undecided(snapshot, looked, Findings())
        standing = entries.standing(snapshot)
    return Arrival(
        served=source["pages_served"],
        remaining=source["remaining"],
        unconfirmed=source["pages_unconfirmed"],
        landed=undecided.total + standing.states.total(),
        decided=standing.states.total(),
        pending=undecided.pending,
        unaccounted=undecided.unaccounted,
        rows=standing.rows,
    )


def describe(now: Arrival) -> str:
    """Where things stand, in one line."""
    pages = now.served + now.remaining
    return f"{now.served} of {pages} pages served, {now.landed} landed, {now.decided} decided, {now.rows} rows"


def _standstill(now: Arrival, settings: Settings) -> str:
    return (
        f"Nothing has moved for {PATIENCE_SECONDS} s: {now.remaining} pages wait at the source, {now.unconfirmed} are "
        f"not landed, {now.pending} landed objects are pending, {now.unaccounted} unaccounted for. "
        f"Airflow's runs are at http://127.0.0.1:{settings.airflow.port}, logs in {settings.home / 'logs'}."
    )

"""Waits until everything the source has is landed and every landed object has its outcome."""

import time
from collections.abc import Iterator

from conf.errors import LakeError
from conf.settings import Settings
from streaming.audit import Audit, audit

POLL_SECONDS = 2
PATIENCE_SECONDS = 300


class ArrivalError(LakeError):
    """Nothing has moved for a while; the message says where it stands."""


def arrivals(settings: Settings) -> Iterator[Audit]:
    """Audits, one every two seconds, until one in which all has arrived: that one is the last.

    Raises `ArrivalError` when nothing moves for five minutes.
    """
    last, moved = None, time.monotonic()
    while True:
        now = audit(settings)
        yield now
        if now.arrived:
            return
        if now != last:
            last, moved = now, time.monotonic()
        elif time.monotonic() - moved > PATIENCE_SECONDS:
            raise ArrivalError(_standstill(now, settings))
        time.sleep(POLL_SECONDS)


def describe(now: Audit) -> str:
    """Where things stand, in one line."""
    pages = now.served + now.remaining
    done = now.loaded + now.quarantined
    return f"{now.served} of {pages} pages served, {now.landed} landed, {done} in the tables, {now.rows} rows"


def _standstill(now: Audit, settings: Settings) -> str:
    return (
        f"Nothing has moved for {PATIENCE_SECONDS} s: {now.remaining} pages wait at the source, {now.unconfirmed} are "
        f"not landed, {now.pending} landed objects are pending, {now.unaccounted} unaccounted for. "
        f"Airflow's runs are at http://127.0.0.1:{settings.airflow_port}, logs in {settings.lake_home / 'logs'}."
    )

"""A vacuum as its operator sees it: what it would delete, the request to the query, and what has come of it."""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from conf.settings import Settings
from conf.tables import MESSAGES
from conf.versions import pins, readable, vacuumed
from conf.versions.pins import Pin
from conf.versions.readable import ranges
from conf.versions.vacuumed import Vacuumed
from streaming.errors import ServiceError
from streaming.events import control
from streaming.events.fields import EARLIEST
from streaming.ledger import vacuum
from streaming.ledger.decisions import PROJECTED
from streaming.ledger.place import Place
from streaming.ledger.vacuum import Plan

PATIENCE_SECONDS = 600
POLL_SECONDS = 0.5


def moment(now: datetime, keep: timedelta | None, days: float) -> datetime:
    """The moment since which versions are kept: `keep` ago, which may be no time at all, or without it `days` ago; not before 1970."""
    try:
        return max(EARLIEST, now - (timedelta(days=days) if keep is None else keep))
    except OverflowError:
        return EARLIEST


def preview(settings: Settings, before: datetime) -> list[Plan]:
    """What a vacuum would delete now. Raises `LedgerError` where the tables do not fit together, `VersionError` where one cannot be read."""
    now, place = datetime.now(UTC), place_of(settings)
    with readable.asked(place.address(MESSAGES)):
        return [vacuum.plan(found, pins.every(found.address), before, now) for found in vacuum.look(place)]


def carry_out(settings: Settings, before: datetime) -> dict[str, Vacuumed]:
    """Have the query carry out a vacuum, and wait; return what it did, by table.

    Raises `ServiceError` when Kafka does not take the request, or the query does not get to it or gave it up.
    """
    request = uuid4().hex
    control.send(settings, [control.Vacuum(request=request, before=before)])
    done = {table.name: _awaited(settings, table.name, request) for table in PROJECTED}
    for name, said in done.items():
        if said.error:
            raise ServiceError(f"The query gave up the vacuum of {name}: {said.error}. Ask again; its log says more.")
    return done


def place_of(settings: Settings) -> Place:
    """Where the tables of this stack lie, with the rights to write them."""
    return Place(settings.minio.delta_bucket, settings.s3("stream"))


def describe(plan: Plan, pinned: Sequence[Pin], runs: Mapping[int, Iterable[str]]) -> list[tuple[str, str]]:
    """What a plan means, in lines of two columns."""
    ended = [f"{run} on version {version}" for version in plan.lost for run in runs.get(version, ())]
    told = [
        ("table", plan.address.name),
        ("deletes", f"{len(plan.files)} files, {plan.size} bytes ({len(plan.left_over)} of no commit)"),
        ("no longer readable", f"versions {ranges(plan.lost)}" if plan.lost else "no version"),
    ]
    told += [("no longer repeatable", run) for run in ended]
    for version, size in plan.spared.items():
        who = "; ".join(f"{pin.who}: {pin.why}" for pin in pinned if pin.version == version)
        told.append((f"pinned version {version}", f"protects {size} bytes, for {who}"))
    return told


def _awaited(settings: Settings, table: str, request: str) -> Vacuumed:
    [address] = [place_of(settings).address(one) for one in PROJECTED if one.name == table]
    for _ in range(int(PATIENCE_SECONDS / POLL_SECONDS)):
        said = vacuumed.told(address)
        if said and said.request == request and said.done:
            return said
        time.sleep(POLL_SECONDS)
    raise ServiceError(
        f"The query has not come to the vacuum of {table} within {PATIENCE_SECONDS} s. It will when it runs again: "
        "`lake status` says whether it does, its log what it does."
    )

"""A replay as its operator sees it: what is in quarantine, the requests to the query, and what has come of them."""

import time
from typing import Any, NamedTuple

from conf.settings import Settings
from conf.tables import LEDGER
from conf.versions import readable
from streaming.audit.views import quoted
from streaming.errors import LookError, ServiceError
from streaming.events import backlog, control
from streaming.events.objects import ObjectVersion
from streaming.ledger import unresolved
from streaming.ledger.place import Place

PATIENCE_SECONDS = 600
POLL_SECONDS = 0.5

_OBJECTS = f"""
SELECT l.source_bucket AS bucket, l.source_key AS key, l.source_version AS version, l.source_etag AS etag, l.size, l.landed_at,
  l.revision, q.entries
FROM (
  SELECT *, row_number() OVER (PARTITION BY source_identity ORDER BY revision DESC, decision DESC) AS age
  FROM ledger WHERE kind = 'object'
) l JOIN (
  SELECT e.source_identity, count(*) AS entries FROM quarantine e WHERE {{condition}} AND {unresolved.ENTRIES} GROUP BY e.source_identity
) q ON l.source_identity = q.source_identity
WHERE l.age = 1 AND l.state IN ('loaded', 'quarantined') ORDER BY l.landed_at, l.source_key
"""


class Asked(NamedTuple):
    """An object version, the decision to be made about it, and how many of its quarantine entries are unresolved."""

    version: ObjectVersion
    revision: int
    entries: int


class Replayed(NamedTuple):
    """How many objects and entries were asked for, and how many entries are resolved."""

    objects: int
    entries: int
    resolved: int


def find(place: Place, rule: str | None, key: str | None, up_to: int | None = None) -> list[Asked]:
    """The objects with unresolved entries: only those of this rule, this key, and decisions up to this one, where they are given."""
    wanted = {"e.rule": rule, "e.source_key": key}
    conditions = [f"{column} = {quoted(value)}" for column, value in wanted.items() if value is not None]
    if up_to is not None:
        conditions.append(f"coalesce(e.decision, 1) <= {up_to}")
    rows = unresolved.rows(place, _OBJECTS.format(condition=" AND ".join(conditions) or "true"))
    return [_asked(**row) for row in rows]


def carry_out(settings: Settings, rule: str | None, key: str | None) -> Replayed:
    """Have the query decide those entries again, and wait until it has.

    Raises `LookError` where there is nothing to decide, `VersionError` where the tables cannot be read, `ServiceError` when Kafka does
    not take the requests, or the query does not get to them.
    """
    place = Place(settings.minio.delta_bucket, settings.s3("stream"))
    with readable.asked(place.address(LEDGER)):
        newest = _newest(place)
        asked = find(place, rule, key)
    if not asked:
        said = "".join(f" of the {what} {value!r}" for what, value in (("rule", rule), ("object", key)) if value)
        raise LookError(f"Nothing{said} is in quarantine unresolved. `lake quarantine` shows what there is.")
    control.send(settings, [control.Replay(revision=one.revision, object=control.landed(one.version)) for one in asked])
    _await_query(settings)
    ours = {one.version.identity for one in asked}
    with readable.asked(place.address(LEDGER)):
        left = sum(one.entries for one in find(place, rule, key, newest) if one.version.identity in ours)
    entries = sum(one.entries for one in asked)
    return Replayed(len(asked), entries, entries - left)


def _asked(revision: int, entries: int, **version: Any) -> Asked:
    return Asked(ObjectVersion(**version), revision + 1, entries)


def _newest(place: Place) -> int:
    [row] = unresolved.rows(place, "SELECT coalesce(max(decision), 1) AS newest FROM ledger")
    return int(row["newest"])


def _await_query(settings: Settings) -> None:
    asked = backlog.requests(settings)
    for _ in range(int(PATIENCE_SECONDS / POLL_SECONDS)):
        if backlog.has_read(settings, asked):
            return
        time.sleep(POLL_SECONDS)
    raise ServiceError(
        f"The query has not come to the replay within {PATIENCE_SECONDS} s. It will when it runs again: `lake status` says whether it does, "
        "its log what it does."
    )

"""The certificate: each landed object version has exactly one outcome, and the tables hold exactly its rows.

Everything is counted anew from what the services hold: the bucket's listing, the source's own books, the topics, and the
three tables. Nothing is taken from the query's word.
"""

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from conf.settings import Settings
from conf.tables import LEDGER, MESSAGES, QUARANTINE
from streaming import objects
from streaming.backlog import waiting
from streaming.objects import Identity
from streaming.reconciliation import overdue
from streaming.services import ServiceError, check
from streaming.snapshots import in_bucket

Row = dict[str, Any]

_IDENTITY = ("source_key", "source_version", "source_etag")
_POSITION = ("source_row", "source_part")
_COUNTS = ("rows_loaded", "rows_recovered", "rows_quarantined")


@dataclass(frozen=True)
class Audit:
    """What was served, landed and loaded. Pages, then objects, then records."""

    origin: str
    """Whether the source hands out the real collection or the generated corpus: `real` or `generated`."""
    served: int
    served_elsewhere: int
    remaining: int
    unconfirmed: int
    landed: int
    loaded: int
    quarantined: int
    vanished: int
    superseded: int
    pending: int
    unaccounted: int
    """Objects that nothing has told the query of: the next reconciliation does."""
    reconciled: int
    """Objects that no notification had told of in time, and which reconciliation found."""
    contradicted: int
    """Objects whose rows in messages and quarantine are not those of their ledger entry."""
    source_records: int
    rows: int
    rows_quarantined: int
    recovered: int
    """Rows won from inside another record; not counted in `rows`."""
    dead_letters: int
    version: int

    @property
    def clean(self) -> bool:
        """Nothing lost and nothing twice."""
        return self.unaccounted == 0 and self.contradicted == 0

    @property
    def arrived(self) -> bool:
        """The source has nothing left, and every landed object has its outcome."""
        return not (self.remaining or self.unconfirmed or self.pending or self.unaccounted)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"clean": self.clean}


def audit(settings: Settings) -> Audit:
    """Count everything anew. Raises `ServiceError` when a service does not answer."""
    access = settings.s3("stream")
    check(settings, access)
    source = _source(settings)
    # The bucket first: what lands from here on is not this audit's, and how long the rest takes makes no object older.
    began = datetime.now(UTC)
    landed = list(objects.landed(objects.client(access), settings.landing_bucket))
    # Then what waits to be loaded, before the ledger: what is loaded meanwhile is counted there.
    waits = waiting(settings)
    # The ledger before the rows: an entry is committed after the rows it speaks of, so these are there when it is.
    tables = in_bucket(settings.delta_bucket, access)
    _, entries = tables.newest(LEDGER, LEDGER.schema.fieldNames())
    _, refused = tables.newest(QUARANTINE, [*_IDENTITY, "kind"])
    version, rows = tables.newest(MESSAGES, [*_IDENTITY, *_POSITION])

    outcomes = {_identity(entry): entry for entry in entries.to_pylist()}
    states = Counter(entry["state"] for entry in outcomes.values())
    missing = [version for version in landed if version.identity not in outcomes]
    unaccounted = [version for version in overdue(missing, began) if version.identity not in waits]
    recorded = {name: sum(entry[name] for entry in outcomes.values()) for name in _COUNTS}
    return Audit(
        origin=source["origin"],
        served=source["pages_served"],
        served_elsewhere=source["served_elsewhere"],
        remaining=source["remaining"],
        unconfirmed=source["pages_unconfirmed"],
        # What has an outcome has landed, even when it is gone from the bucket by now.
        landed=len(missing) + len(outcomes),
        loaded=states["loaded"],
        quarantined=states["quarantined"],
        vanished=states["vanished"],
        superseded=states["superseded"],
        pending=len(missing) - len(unaccounted),
        unaccounted=len(unaccounted),
        reconciled=[entry["found_by"] for entry in outcomes.values()].count("reconcile"),
        contradicted=len(contradicted(entries.to_pylist(), rows.to_pylist(), refused.to_pylist())),
        source_records=source["records_served"],
        rows=recorded["rows_loaded"] - recorded["rows_recovered"],
        rows_quarantined=recorded["rows_quarantined"],
        recovered=recorded["rows_recovered"],
        dead_letters=refused["kind"].to_pylist().count("notification"),
        version=version,
    )


def contradicted(entries: list[Row], rows: list[Row], refused: list[Row]) -> set[Identity]:
    """Object versions for which the tables do not hold exactly what the ledger says.

    That is: two ledger entries, a row twice, another number of rows in messages or quarantine, another kind of entry.
    Rows of an object that the ledger does not know yet belong to a batch under way.
    """
    entered = Counter(_identity(entry) for entry in entries)
    places = Counter((_identity(row), *(row[name] for name in _POSITION)) for row in rows)
    found = Counter((identity, part > 0) for identity, _, part in places.elements())
    kinds = Counter((_identity(entry), entry["kind"]) for entry in refused)
    wrong = {identity for (identity, _, _), times in places.items() if times > 1 and identity in entered}
    for entry in entries:
        identity = _identity(entry)
        expected = (1, entry["rows_loaded"] - entry["rows_recovered"], entry["rows_recovered"])
        expected_refused = (entry["rows_quarantined"], int(entry["state"] == "quarantined"))
        is_there = (entered[identity], found[identity, False], found[identity, True])
        is_refused = (kinds[identity, "row"], kinds[identity, "object"])
        if is_there != expected or is_refused != expected_refused:
            wrong.add(identity)
    return wrong


def _identity(row: Row) -> Identity:
    return row["source_key"], row["source_version"] or row["source_etag"]


def _source(settings: Settings) -> dict[str, Any]:
    try:
        return dict(httpx.get(f"{settings.source_api_url}/status", timeout=10).raise_for_status().json())
    except httpx.HTTPError as error:
        raise ServiceError(
            f"The source API does not answer at {settings.source_api_url}: {error}. Start it with `lake up`."
        ) from error
